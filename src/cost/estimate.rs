//! Estimates: what is paid for, times what AWS asks for it on demand.

use rust_decimal::Decimal;

use super::observed::Quantity;
use super::parts::{Paid, Part};
use super::prices::{Listed, Prices, STORAGE};
use super::{CostSource, EstimateLine, Figure, Known, Money};

/// The largest part of the list price that a Savings Plan takes off, in hundredths.
/// Source: <https://aws.amazon.com/savingsplans/ml-pricing/>
const LARGEST_DISCOUNT: i64 = 64;

/// What a figure by estimate says of itself.
const LIST_PRICE: &str =
    "list price, before commitments and discounts; its lower end supposes the largest discount of a Savings Plan, 64 %";

/// What one live version is estimated to cost.
#[derive(Clone, Debug)]
pub(super) struct Estimated {
    /// In the period.
    pub(super) figure: Known<Figure>,
    /// How it is made up.
    pub(super) lines: Vec<EstimateLine>,
    /// In a month as it runs now.
    pub(super) monthly: Known<Figure>,
}

/// A part with its price and what it comes to.
struct Priced<'p> {
    part: &'p Part,
    price: Known<Listed>,
}

/// The estimate of what one live version is paid for.
pub(super) fn of(paid: &Paid, prices: &Prices<'_>, region: &str) -> Estimated {
    let price = |part: &Part| match part.item.as_str() {
        "instances" => Known::Unknown(part.quantity.why().unwrap_or("their type was not read").to_owned()),
        STORAGE => prices.find(super::prices::HOSTING, region, STORAGE),
        item => prices.find(part.components, region, item),
    };
    let priced: Vec<Priced<'_>> = paid.parts.iter().map(|part| Priced { part, price: price(part) }).collect();
    Estimated {
        figure: figure(&priced, |part| part.quantity.clone()),
        monthly: figure(&priced, |part| match &part.month {
            Known::Known(month) => Known::Known(Quantity::exact(*month, "730 hours as it runs now".to_owned())),
            Known::Unknown(why) | Known::None(why) => Known::Unknown(why.clone()),
        }),
        lines: priced.iter().map(line).collect(),
    }
}

fn line(priced: &Priced<'_>) -> EstimateLine {
    let part = priced.part;
    let quantity = part.quantity.known().map(|quantity| quantity.likely);
    let price = match &priced.price {
        Known::Known(listed) => Known::Known((listed.price.clone(), listed.from.clone())),
        Known::Unknown(why) | Known::None(why) => Known::Unknown(why.clone()),
    };
    let amount = match (&price, quantity) {
        (Known::Known((price, _)), Some(quantity)) => Known::Known(price.times(quantity)),
        (Known::Unknown(why) | Known::None(why), _) => Known::Unknown(why.clone()),
        (_, None) => Known::Unknown(part.quantity.why().unwrap_or_default().to_owned()),
    };
    let (what, unit) = (part.what.clone(), part.unit.to_owned());
    EstimateLine { what, quantity: quantity.unwrap_or_default(), unit, price, amount }
}

fn figure(priced: &[Priced<'_>], quantity: impl Fn(&Part) -> Known<Quantity>) -> Known<Figure> {
    let mut sum: Option<Figure> = None;
    for Priced { part, price } in priced {
        let quantity = quantity(part);
        let (quantity, listed) = match (&quantity, price) {
            (Known::Known(quantity), Known::Known(listed)) => (quantity.clone(), listed),
            (Known::Unknown(why) | Known::None(why), _) | (_, Known::Unknown(why) | Known::None(why)) => {
                match &mut sum {
                    Some(figure) if part.minor => figure.notes.push(format!("without {}: {why}", part.what)),
                    _ => return Known::Unknown(why.clone()),
                }
                continue;
            }
        };
        let least = Decimal::new(100 - LARGEST_DISCOUNT, 2);
        let of = |count: Decimal| listed.price.times(count);
        match &mut sum {
            None => {
                let mut notes = vec![LIST_PRICE.to_owned()];
                notes.extend(quantity.how);
                let seen = quantity.seen.iter().chain(&listed.seen).copied().collect();
                sum = Some(Figure {
                    amount: of(quantity.likely),
                    low: of(quantity.low * least),
                    high: of(quantity.high),
                    source: CostSource::Estimate,
                    notes,
                    seen,
                });
            }
            Some(figure) if figure.amount.currency == listed.price.currency => {
                add(&mut figure.amount, &of(quantity.likely));
                add(&mut figure.low, &of(quantity.low * least));
                add(&mut figure.high, &of(quantity.high));
                figure.notes.extend(quantity.how);
                figure.seen.extend(quantity.seen.iter().chain(&listed.seen));
            }
            Some(_) => return Known::Unknown("its prices are listed in several currencies".to_owned()),
        }
    }
    match sum {
        None => Known::Unknown("nothing was read of what it is paid for".to_owned()),
        Some(mut figure) => {
            tidy(&mut figure);
            Known::Known(figure)
        }
    }
}

fn add(to: &mut Money, amount: &Money) {
    to.value += amount.value;
}

/// Each note and call once, in their order.
pub(super) fn tidy(figure: &mut Figure) {
    let mut notes = std::collections::BTreeSet::new();
    figure.notes.retain(|note| notes.insert(note.clone()));
    figure.seen.sort_unstable();
    figure.seen.dedup();
}
