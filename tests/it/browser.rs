//! The HTML report in a real browser, used as people use it: found in, filtered, linked to, printed, read without a mouse,
//! without a script, in the dark and on a telephone. Every look also holds that the page asks nothing of anybody, that
//! nothing pops up and that nothing goes wrong (`look`).

mod accessible;
mod answers;
mod hostile;
mod keyboard;
mod large;
mod links;
mod look;
mod pages;
mod paper;
mod picture;
mod quiet;
mod search;
mod themes;
