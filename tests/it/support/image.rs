//! The container image, built from the binary under test, and run as its users run it: nobody's root, no capability, a
//! root file system that cannot be written to, and one volume.

use std::os::unix::fs::chown;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use serde_json::Value;

use super::{parts, root, run, skip};

/// Who runs in the image.
pub const NOBODY: u32 = 65532;

const NAME: &str = "localhost/countersign:test";

/// How containers are run here.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Isolation {
    /// A container engine, and runc below it: crun refuses to run where both versions of cgroups are mounted.
    Podman,
    /// The same namespaces, mounts and identity, set up by hand where an engine may not run.
    Unshare,
}

/// An image in a store of its own.
pub struct Image {
    folder: tempfile::TempDir,
    /// What the image says about itself: user, entry point, folder, labels.
    pub config: Value,
    /// Its root file system, unpacked.
    pub rootfs: PathBuf,
    isolation: Isolation,
}

impl Image {
    /// Builds the image; where that is not possible, says so and skips.
    pub fn built() -> Option<Self> {
        if !super::is_there("buildah") {
            skip("no `buildah`; .ci/run installs it");
            return None;
        }
        if run(command("id", &["-u"])).stdout != b"0\n" {
            skip("images are built and run as root here");
            return None;
        }
        let folder = tempfile::tempdir().expect("a folder");
        let path = |name: &str| folder.path().join(name).display().to_string();
        let store =
            format!("[storage]\ndriver = \"vfs\"\ngraphroot = \"{}\"\nrunroot = \"{}\"\n", path("images"), path("run"));
        std::fs::write(folder.path().join("storage.conf"), store).expect("a file");

        // As small as what users get, but for the optimisation.
        let binary = path("countersign");
        done(command("strip", &["-o", &binary, env!("CARGO_BIN_EXE_countersign")]));
        let script = root("infra/container").display().to_string();
        done(in_store(folder.path(), &script, &["--binary", &binary, "--tag", NAME]));

        let inspected = done(in_store(folder.path(), "buildah", &["inspect", "--type", "image", NAME]));
        let inspected: Value = serde_json::from_str(&inspected).expect("JSON");
        let container = done(in_store(folder.path(), "buildah", &["from", NAME]));
        let rootfs = PathBuf::from(done(in_store(folder.path(), "buildah", &["mount", container.trim()])).trim());
        let mut image =
            Self { folder, config: inspected["OCIv1"]["config"].clone(), rootfs, isolation: Isolation::Podman };
        if let Err(why) = image.works() {
            image.isolation = Isolation::Unshare;
            eprintln!("podman cannot run containers here ({why})");
            image.works().expect("unshare runs the image");
        }
        eprintln!("containers are isolated by {:?}", image.isolation);
        Some(image)
    }

    fn works(&self) -> Result<(), String> {
        if self.isolation == Isolation::Podman && !super::is_there("podman") {
            return Err("it is not installed".to_owned());
        }
        let (code, stdout, stderr) = parts(&run(self.container().command(&["--version"])));
        if code == 0 && stdout.starts_with("countersign ") { Ok(()) } else { Err(format!("{code}: {stdout}{stderr}")) }
    }

    /// A container with an empty volume, not started.
    pub fn container(&self) -> Container<'_> {
        let volume = tempfile::tempdir().expect("a folder");
        chown(volume.path(), Some(NOBODY), Some(NOBODY)).expect("a folder of nobody's");
        let name =
            format!("countersign-{}", volume.path().file_name().expect("a name").to_string_lossy().replace('.', ""));
        let environment = vec![("AWS_EC2_METADATA_DISABLED".to_owned(), "true".to_owned())];
        Container { image: self, name, volume, environment, files: Vec::new() }
    }
}

/// One container, and what it is started with.
pub struct Container<'i> {
    image: &'i Image,
    name: String,
    /// What is mounted at `/out`.
    pub volume: tempfile::TempDir,
    environment: Vec<(String, String)>,
    files: Vec<(PathBuf, String)>,
}

impl Container<'_> {
    /// Sets a variable of its environment.
    pub fn env(mut self, name: &str, value: &str) -> Self {
        self.environment.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Speaks to an endpoint in `us-east-1`.
    pub fn against(self, endpoint: &str) -> Self {
        self.env("AWS_ENDPOINT_URL", endpoint).env("AWS_REGION", "us-east-1")
    }

    /// Has the keys of an account of the emulator.
    pub fn with_keys_of(self, account: &str) -> Self {
        self.env("AWS_ACCESS_KEY_ID", account).env("AWS_SECRET_ACCESS_KEY", "test")
    }

    /// Shows it a file in place of one that the image has.
    pub fn with_file(mut self, file: &Path, place: &str) -> Self {
        self.files.push((file.to_owned(), place.to_owned()));
        self
    }

    /// Writes a file into the volume, for everybody to read.
    pub fn with_volume_file(self, name: &str, text: &str) -> Self {
        std::fs::write(self.volume.path().join(name), text).expect("a file on the volume");
        self
    }

    /// The command that runs it to its end.
    pub fn command(&self, arguments: &[&str]) -> Command {
        match self.image.isolation {
            Isolation::Podman => self.by_podman(arguments),
            Isolation::Unshare => self.by_hand(arguments),
        }
    }

    fn by_podman(&self, arguments: &[&str]) -> Command {
        let mut command = in_store(self.image.folder.path(), "podman", &["--runtime", "runc", "run", "--rm"]);
        command.args(["--name", &self.name, "--read-only", "--read-only-tmpfs=false", "--network", "host"]);
        command.args(["--cap-drop", "all", "--security-opt", "no-new-privileges"]);
        // The engine would raise these, which a sandbox may forbid.
        command.args(["--ulimit", "nofile=1024:1024", "--ulimit", "nproc=1024:1024"]);
        command.arg("--volume").arg(format!("{}:/out", self.volume.path().display()));
        for (file, place) in &self.files {
            command.arg("--volume").arg(format!("{}:{place}:ro", file.display()));
        }
        for (name, value) in &self.environment {
            command.arg("--env").arg(format!("{name}={value}"));
        }
        command.arg(NAME).args(arguments);
        command
    }

    /// Mounts in a namespace that ends with the process; then user, folder and entry point as the image says.
    fn by_hand(&self, arguments: &[&str]) -> Command {
        let script = r#"
            root=$1 volume=$2 files=$3 user=$4 folder=$5; shift 5
            mount --bind "$root" "$root"
            mount --bind "$volume" "$root/out"
            while [ "$files" -gt 0 ]; do
                mount --bind "$1" "$root$2"; shift 2; files=$((files - 1))
            done
            mount -o remount,bind,ro "$root"
            exec setpriv --clear-groups --no-new-privs unshare --pid --fork --kill-child \
                --root "$root" --wd "$folder" --setgid "${user#*:}" --setuid "${user%:*}" "$@""#;
        let text = |name: &str| self.image.config[name].as_str().expect("text").to_owned();
        let mut command = command("unshare", &["--mount", "sh", "-euc", script, "container"]);
        command.arg(&self.image.rootfs).arg(self.volume.path()).arg(self.files.len().to_string());
        command.arg(text("User")).arg(text("WorkingDir"));
        for (file, place) in &self.files {
            command.arg(file).arg(place);
        }
        command.arg(self.image.config["Entrypoint"][0].as_str().expect("an entry point")).args(arguments);
        command.env_clear().env("PATH", "/usr/sbin:/usr/bin:/sbin:/bin").envs(self.environment.iter().cloned());
        command
    }

    /// Sends the signal by which schedulers end a container, to its first process.
    pub fn terminate(&self, child: &Child) {
        match self.image.isolation {
            Isolation::Podman => {
                done(in_store(self.image.folder.path(), "podman", &["kill", "--signal", "TERM", &self.name]));
            }
            Isolation::Unshare => {
                let children = format!("/proc/{0}/task/{0}/children", child.id());
                let first = std::fs::read_to_string(children).expect("the children of the process");
                done(command("kill", &["-TERM", first.trim()]));
            }
        }
    }
}

fn command(program: &str, arguments: &[&str]) -> Command {
    let mut command = Command::new(program);
    command.args(arguments).stdin(Stdio::null());
    command
}

/// A tool that looks for images in the store of this test only.
fn in_store(folder: &Path, program: &str, arguments: &[&str]) -> Command {
    let mut command = command(program, arguments);
    command.env("CONTAINERS_STORAGE_CONF", folder.join("storage.conf"));
    command
}

/// Runs what must succeed and returns what it printed.
fn done(command: Command) -> String {
    let shown = format!("{command:?}");
    let (code, stdout, stderr) = parts(&run(command));
    assert_eq!(code, 0, "{shown}\n{stdout}\n{stderr}");
    stdout
}
