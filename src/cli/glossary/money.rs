//! What it costs, who pays, and what is wasted.

use super::{Entry, entry};

/// Words about money.
pub(super) static MONEY: &[Entry] = &[
    // --- where a figure comes from
    entry(
        "cost source",
        "billed by resource",
        &[],
        "Cost Explorer billed it to this very endpoint. It reaches back 14 days, and has to be switched on in the payer's \
         account.",
    ),
    entry(
        "cost source",
        "billed by tag",
        &[],
        "Cost Explorer billed it to a usage type and a cost-centre tag; where several endpoints share both, it is divided \
         among them by their hours.",
    ),
    entry(
        "cost source",
        "estimate",
        &["estimated"],
        "Hours, requests and capacity times the list price, before commitments and discounts. A price that is not known \
         makes it unknown, never zero.",
    ),
    entry(
        "term",
        "net amortised cost",
        &["net amortized cost"],
        "What was billed after discounts, with what was paid in advance spread over the days that it is for. The latest 48 \
         hours are left out, since bills still change then.",
    ),
    entry(
        "term",
        "gap to the bill",
        &["reconciliation gap"],
        "What was billed less what was estimated, where both are known: discounts, commitments, and whatever the estimate \
         does not see.",
    ),
    // --- who pays
    entry(
        "term",
        "cost centre",
        &["cost center"],
        "Who pays for a live version: the first tag that holds one, of what is billed, then of the package group.",
    ),
    entry(
        "term",
        "cost allocation tag",
        &["activated tag", "allocation tag"],
        "A tag key that somebody activated in the payer's account. Only then do cost reports know it; a tag under another \
         key is there, and its money is still nobody's.",
    ),
    entry(
        "term",
        "payer",
        &["payer account", "management account"],
        "The account that receives the bill. Cost Explorer, budgets and cost allocation tags may be hidden from the others: \
         an `[[account]]` with the purpose `billing` lets them be read there.",
    ),
    entry(
        "term",
        "budget",
        &[],
        "A limit in AWS Budgets, with a filter over what it covers. One that covers nothing, that nobody hears of, or that is \
         forecast to be exceeded, is no control.",
    ),
    entry(
        "term",
        "ceiling",
        &[],
        "The most that a week may hold of something that is paid for by use: records, tokens, training hours. Declared in \
         the manifest; without one, the median of the four weeks before is the measure.",
    ),
    // --- waste
    entry("waste", "idle", &[], "Nobody asked it anything for so many days: AWS published no data point of a request."),
    entry(
        "waste",
        "over-provisioned",
        &[],
        "Its instances are too large: 95 % of the time little of their processors and accelerators is used, and little of \
         their memory ever.",
    ),
    entry(
        "waste",
        "serverless candidate",
        &[],
        "Requests come in few hours only, so that hosting by the request may cost less than by the hour.",
    ),
    entry(
        "waste",
        "bounded scaling",
        &[],
        "It cannot shrink when there is little to do: the fewest instances are as many as the most, or no policy acts.",
    ),
    entry(
        "waste",
        "notebook",
        &[],
        "A notebook instance that runs: nothing of it serves, and each hour of it is paid for.",
    ),
    entry("waste", "recommended", &[], "AWS itself recommends it, of something that is not among the other kinds."),
    entry("waste", "unused capacity", &[], "Provisioned throughput that is paid for and not asked."),
    entry(
        "term",
        "provisioned throughput",
        &["model units"],
        "Capacity of Bedrock that is paid for by the hour, with a commitment of months or without one.",
    ),
    entry(
        "term",
        "inference profile",
        &["application inference profile"],
        "What tags can be put on in Bedrock, so that the tokens of an application are somebody's.",
    ),
    entry(
        "term",
        "stands by",
        &["standby"],
        "It waits on purpose, as a tag named in `standby_tags` of `[cost]` says: it may be idle.",
    ),
];
