//! What several examples need: the process's use of the machine, stage by stage, and the insecure development SRS from a file.
#![allow(dead_code)]

use pot_aggregator::window::{Snark, WindowProof};
use pot_aggregator::wrapper::inner::{Inner, Layout};
use pot_proof_system::engine::Srs;
use pot_proof_system::srs;
use pot_sgd::prover::Prover;
use pot_sgd::spec::SgdSpec;
use std::time::Instant;

/// The most memory that the process has had at once, in bytes; 0 where there is no /proc.
pub fn peak_bytes() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find(|l| l.starts_with("VmHWM")).and_then(|l| l.split_whitespace().nth(1));
    line.and_then(|v| v.parse::<u64>().ok()).unwrap_or(0) * 1024
}

/// Processor time of all threads so far, in seconds; 0 where there is no /proc.
pub fn processor() -> f64 {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    // After the name in brackets, in clock ticks of 10 ms: user and system.
    let ticks = stat.rsplit(')').next().unwrap_or("").split_whitespace().skip(11).take(2).filter_map(|v| v.parse::<f64>().ok());
    ticks.sum::<f64>() / 100.0
}

/// Prints what each stage took.
pub struct Laps {
    at: Instant,
    used: f64,
}

impl Laps {
    pub fn begin() -> Self {
        Self { at: Instant::now(), used: processor() }
    }

    /// Ends a stage.
    pub fn lap(&mut self, what: &str) {
        let (wall, used) = (self.at.elapsed().as_secs_f64(), processor() - self.used);
        println!("{what}: {wall:.1} s, {used:.1} s of processor time, peak {} MB", peak_bytes() / 1_000_000);
        *self = Self::begin();
    }
}

/// The string in a file. Where the file is missing, the development SRS of 2^`k` points is made and written there.
pub fn string_in(path: &std::path::Path, k: u32) -> Srs {
    if let Ok(bytes) = std::fs::read(path) {
        return srs::from_bytes(&bytes).expect("a string");
    }
    let made = srs::development(k).expect("a string");
    std::fs::write(path, srs::to_bytes(&made)).expect("a file");
    made
}

/// A window's proof as the wrapper's inner one, all public inputs exposed.
pub fn window_inside(prover: &mut Prover, spec: &SgdSpec, window: WindowProof) -> (Inner, Snark) {
    let instance = window.public.instance(spec, &[]).expect("a statement");
    let layout = Layout { instances: instance.len(), exposed: (0..instance.len()).collect(), ..Default::default() };
    let (srs, vk) = prover.verifying_key(spec).expect("a key");
    let inner = Inner::new(srs, vk, layout).expect("a layout");
    let snark = inner.snark(instance, window.proof).expect("of the right form");
    (inner, snark)
}
