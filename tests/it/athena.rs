//! `infra/athena.yaml` declares the tables as the program writes them and the views as they are shipped.
//! `UPDATE=1 cargo test --test it athena` writes what is generated anew.

use std::fmt::Write as _;
use std::process::{Command, Stdio};

use countersign::history::{self, Column, Table};
use serde_json::{Value, json};

use super::history::{duckdb, questions, views};
use crate::support::{root, validator};

/// A text as YAML and JSON both spell it.
fn quoted(text: &str) -> String {
    Value::from(text).to_string()
}

/// A type of Glue as YAML spells it.
fn spelled(kind: &str) -> String {
    if kind.contains([',', '<']) { quoted(kind) } else { kind.to_owned() }
}

/// `live_versions` to `LiveVersions`.
fn logical(name: &str) -> String {
    let word = |word: &str| word[..1].to_uppercase() + &word[1..];
    name.split('_').map(word).collect()
}

const HEAD: &str = "    Type: AWS::Glue::Table
    Properties:
      CatalogId: !Ref AWS::AccountId
      DatabaseName: !Ref Database
      TableInput:
";

fn table(table: &Table) -> String {
    let name = table.name;
    let text = format!(
        "\n  {}Table:\n{HEAD}        Name: {name}
        Description: {}
        TableType: EXTERNAL_TABLE
        Parameters:
          EXTERNAL: \"TRUE\"
          classification: parquet
          projection.enabled: \"true\"
          projection.day.type: date
          projection.day.format: yyyy-MM-dd
          projection.day.range: !Sub \"${{FirstDay}},NOW\"
          storage.location.template: !Sub \"${{Location}}/{name}/v=1/day=${{!day}}/\"
        PartitionKeys: [{{ Name: day, Type: string, Comment: Day of the collection in UTC }}]
        StorageDescriptor:
          Location: !Sub \"${{Location}}/{name}/v=1/\"
          InputFormat: org.apache.hadoop.hive.ql.io.parquet.MapredParquetInputFormat
          OutputFormat: org.apache.hadoop.hive.ql.io.parquet.MapredParquetOutputFormat
          SerdeInfo: {{ SerializationLibrary: org.apache.hadoop.hive.ql.io.parquet.serde.ParquetHiveSerDe }}
          Columns:",
        logical(name),
        quoted(table.about),
    );
    let column = |column: &Column| format!("{{ Name: {}, Type: {} }}", column.name, spelled(column.kind.glue()));
    text + &in_lines(&table.columns().map(column).collect::<Vec<_>>())
}

/// A type of `DuckDB` as Trino and as Glue spell it.
fn types(duckdb: &str) -> (String, String) {
    let (trino, glue) = match duckdb {
        "VARCHAR" => ("varchar", "string"),
        "VARCHAR[]" => ("array(varchar)", "array<string>"),
        "BIGINT" => ("bigint", "bigint"),
        "DOUBLE" => ("double", "double"),
        "BOOLEAN" => ("boolean", "boolean"),
        "DATE" => ("date", "date"),
        "TIMESTAMP" => ("timestamp(3)", "timestamp"),
        "DECIMAL(38,6)" => ("decimal(38,6)", "decimal(38,6)"),
        other => panic!("no type for {other}: cast it in the view"),
    };
    (trino.to_owned(), glue.to_owned())
}

/// A list in brackets, in lines of 120 characters: a template may hold 51,200 bytes.
fn in_lines(items: &[String]) -> String {
    let (mut text, mut width) = (String::from(" ["), 120);
    for (n, item) in items.iter().enumerate() {
        let item = if n + 1 < items.len() { format!("{item},") } else { item.clone() };
        let fits = width + 1 + item.len() <= 120;
        text += if fits { " " } else { "\n            " };
        width = if fits { width + 1 + item.len() } else { 12 + item.len() };
        text += &item;
    }
    text + "]\n"
}

/// A view as Athena keeps it in Glue: a comment that holds the query and its columns.
fn view(name: &str, about: &str, sql: &str, columns: &Value) -> String {
    let columns: Vec<(String, (String, String))> = columns
        .as_array()
        .expect("columns")
        .iter()
        .map(|column| (column[0].as_str().expect("a name").to_owned(), types(column[1].as_str().expect("a type"))))
        .collect();
    let declared: Vec<Value> = columns.iter().map(|(name, (trino, _))| json!({"name": name, "type": trino})).collect();
    let kept = json!({"originalSql": sql, "catalog": "awsdatacatalog", "schema": "${Database}", "columns": declared});
    let text = format!(
        "\n  {}View:\n{HEAD}        Name: {name}
        Description: {}
        TableType: VIRTUAL_VIEW
        Parameters: {{ presto_view: \"true\", comment: Presto View }}
        ViewExpandedText: /* Presto View */
        ViewOriginalText: !Sub
          - \"/* Presto View: ${{View}} */\"
          - View: {{ \"Fn::Base64\": {{ \"Fn::Sub\": '{}' }} }}
        StorageDescriptor:
          SerdeInfo: {{}}
          Columns:",
        logical(name),
        quoted(about),
        kept.to_string().replace('\'', "''"),
    );
    let columns: Vec<String> =
        columns.iter().map(|(name, (_, glue))| format!("{{ Name: {name}, Type: {} }}", spelled(glue))).collect();
    text + &in_lines(&columns)
}

fn named_query(name: &str, about: &str, sql: &str) -> String {
    format!(
        "\n  {}Question:
    Type: AWS::Athena::NamedQuery
    Properties:
      Database: !Ref Database
      WorkGroup: !Ref WorkGroup
      Name: {name}
      Description: {}
      QueryString: {}\n",
        logical(name),
        quoted(about),
        quoted(sql),
    )
}

#[test]
fn the_template_declares_tables_views_and_questions_as_they_are() {
    let folder = tempfile::tempdir().expect("a folder");
    let Some(described) = duckdb(folder.path(), json!({})) else { return };
    let mut generated: String = history::tables().map(table).collect();
    for (name, about, sql) in views() {
        generated += &view(&name, &about, &sql, &described["views"][&name]);
    }
    for (name, about, sql) in questions() {
        generated += &named_query(&name, &about, &sql);
    }
    let path = root("infra/athena.yaml");
    let text = std::fs::read_to_string(&path).expect("the template");
    let (open, close) = ("  # generated\n", "  # /generated\n");
    let (before, rest) = text.split_once(open).expect("the first mark");
    let (_, after) = rest.split_once(close).expect("the second mark");
    let expected = format!("{before}{open}{}\n{close}{after}", generated.trim_start_matches('\n'));
    if std::env::var_os("UPDATE").is_some() {
        std::fs::write(&path, expected).expect("a file");
        return;
    }
    assert!(text == expected, "the template differs from the program; UPDATE=1 cargo test --test it athena writes it");
}

const ABOUT_TABLES: &str = "\
# The history, table by table

Generated from the program; `UPDATE=1 cargo test --test it athena` writes this page.

One run writes at most one file a table, `TABLE/v=1/day=DATE/RUN.parquet`; the day is that of the collection, in UTC. Columns marked
with `?` may be absent, in files that are older than the column always. `athena.yaml` lays tables and views over them; without
Athena, DuckDB reads them in place:

```sql
CREATE VIEW live_versions AS SELECT * FROM read_parquet('history/live_versions/v=1/*/*.parquet',
    union_by_name = true, hive_partitioning = true, hive_types = {'day': VARCHAR});
```

Every table begins with `run_id`, `as_of` (when the estate was judged) and `collected_at` (when the evidence was collected).
";

/// The page about the tables, views and questions.
fn page() -> String {
    let mut text = ABOUT_TABLES.to_owned();
    for table in history::tables() {
        write!(text, "\n## {}\n\n{}\n\n| Column | Type | What it is |\n|---|---|---|\n", table.name, table.about)
            .unwrap();
        for column in table.columns().skip(Table::COMMON.len()) {
            let absent = if column.required { "" } else { "?" };
            writeln!(text, "| `{}` | `{}`{absent} | {} |", column.name, column.kind.glue(), column.about).unwrap();
        }
    }
    for (title, folder, all) in [("Views", "", views()), ("Questions", "questions/", questions())] {
        write!(text, "\n## {title}\n\n").unwrap();
        for (name, about, _) in all {
            writeln!(text, "- [`{name}`]({folder}{name}.sql): {about}").unwrap();
        }
    }
    text
}

#[test]
fn the_page_about_the_tables_is_what_the_program_says() {
    let path = root("infra/athena/README.md");
    if std::env::var_os("UPDATE").is_some() {
        std::fs::write(&path, page()).expect("a file");
        return;
    }
    let text = std::fs::read_to_string(&path).expect("the page");
    assert!(text == page(), "the page differs from the program; UPDATE=1 cargo test --test it athena writes it");
}

/// `DuckDB` runs the queries; that Athena takes them is said by a parser of its dialect, as far as there is one outside AWS.
#[test]
fn views_and_questions_are_in_the_dialect_of_athena_too() {
    let Some(python) = validator("python") else { return };
    let all: Vec<Value> = views().into_iter().chain(questions()).map(|(name, _, sql)| json!([name, sql])).collect();
    assert!(all.len() >= 14);
    let read = "import json, sqlglot, sys\n\
                for name, sql in json.load(sys.stdin):\n    \
                    tree = sqlglot.parse_one(sql, read='athena', error_level=sqlglot.ErrorLevel.RAISE)\n    \
                    assert tree.key == 'select', name\n    \
                    strange = [str(f) for f in tree.find_all(sqlglot.exp.Anonymous)]\n    \
                    assert not strange, (name, strange)\n";
    let mut child = Command::new(python).args(["-c", read]).stdin(Stdio::piped()).spawn().expect("the parser starts");
    serde_json::to_writer(child.stdin.take().expect("a pipe"), &all).expect("the pipe takes it");
    assert!(child.wait().expect("the parser ends").success());
}

/// What a view of Athena is: the template's own text, decoded as CloudFormation would hand it over.
#[test]
fn a_view_holds_its_query_whole() {
    let text = std::fs::read_to_string(root("infra/athena.yaml")).expect("the template");
    for (name, _, sql) in views() {
        let of = text.split_once(&format!("  {}View:\n", logical(&name))).expect("the view").1;
        let kept = of.split_once("\"Fn::Sub\": '").expect("its text").1.split_once("' } }\n").expect("its end").0;
        let kept: Value = serde_json::from_str(&kept.replace("''", "'")).expect("JSON");
        assert_eq!(kept["originalSql"], sql);
        assert_eq!(kept["schema"], "${Database}");
        assert!(!sql.contains("${"), "{name}: CloudFormation would replace it");
    }
}
