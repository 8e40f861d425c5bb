//! What the command line asks for.

use std::error::Error;
use std::fmt;
use std::ops::Range;

pub const USAGE: &str = "usage: differential [--trace] (circuits FIRST END | numbers)
  circuits FIRST END  the random circuits of the seeds from FIRST up to END, END left out
  numbers             transforms, divisions, evaluations, rotations and multi-scalar multiplications
  --trace             print where code panics; a verifier may, at an altered proof";

#[derive(Debug)]
pub struct Arguments {
    pub work: Work,
    pub trace: bool,
}

#[derive(Debug)]
pub enum Work {
    Circuits(Range<u64>),
    Numbers,
}

#[derive(Debug)]
pub enum ArgumentError {
    NoCommand,
    UnknownCommand(String),
    UnknownOption(String),
    /// The command takes so many numbers.
    WrongCount {
        command: &'static str,
        expected: usize,
        given: usize,
    },
    NoSeed(String),
    NoSeeds(Range<u64>),
}

impl Arguments {
    /// Options may stand anywhere; nothing is ignored.
    pub fn parse(given: impl IntoIterator<Item = String>) -> Result<Self, ArgumentError> {
        let (options, words): (Vec<String>, Vec<String>) = given.into_iter().partition(|word| word.starts_with('-'));
        if let Some(unknown) = options.iter().find(|option| *option != "--trace") {
            return Err(ArgumentError::UnknownOption(unknown.clone()));
        }
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        let wrong_count = |command, expected, given| Err(ArgumentError::WrongCount { command, expected, given });
        let work = match words[..] {
            [] => return Err(ArgumentError::NoCommand),
            ["numbers"] => Work::Numbers,
            ["numbers", ref rest @ ..] => return wrong_count("numbers", 0, rest.len()),
            ["circuits", first, end] => Work::Circuits(seeds(first, end)?),
            ["circuits", ref rest @ ..] => return wrong_count("circuits", 2, rest.len()),
            [unknown, ..] => return Err(ArgumentError::UnknownCommand(unknown.to_string())),
        };
        Ok(Self { work, trace: !options.is_empty() })
    }
}

fn seeds(first: &str, end: &str) -> Result<Range<u64>, ArgumentError> {
    let seed = |word: &str| word.parse::<u64>().map_err(|_| ArgumentError::NoSeed(word.to_string()));
    let seeds = seed(first)?..seed(end)?;
    if seeds.is_empty() {
        return Err(ArgumentError::NoSeeds(seeds));
    }
    Ok(seeds)
}

impl Error for ArgumentError {}

impl fmt::Display for ArgumentError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoCommand => write!(out, "no command is given"),
            Self::UnknownCommand(command) => write!(out, "there is no command {command}"),
            Self::UnknownOption(option) => write!(out, "there is no option {option}"),
            Self::WrongCount { command, expected, given } => {
                write!(out, "{command} takes {expected} numbers and was given {given}")
            }
            Self::NoSeed(word) => write!(out, "{word} is no seed: seeds are whole numbers from 0 to 2^64 - 1"),
            Self::NoSeeds(seeds) => write!(out, "there is no seed from {} up to {}", seeds.start, seeds.end),
        }
    }
}
