//! The threads of one prover. Each has its own pool: one addon serves all worker threads of a process, and a prover among
//! many should take one core where a prover alone takes them all.

use pot_proof_system::error::PotError;
use rayon::{ThreadPool, ThreadPoolBuilder};

const MAX_THREADS: u32 = 1024;

pub struct Threads {
    wanted: u32,
    pool: ThreadPool,
}

impl Threads {
    /// 0: as many as the machine has cores. Errors: `THREADS_UNAVAILABLE`.
    pub fn new(wanted: u32) -> Result<Self, PotError> {
        let unavailable = |why: String| PotError::new("THREADS_UNAVAILABLE", why);
        if wanted > MAX_THREADS {
            return Err(unavailable(format!("{wanted} threads: supported are 1 to {MAX_THREADS}, and 0 for all cores")));
        }
        let pool = ThreadPoolBuilder::new()
            .num_threads(wanted as usize)
            .thread_name(|i| format!("pot-native-{i}"))
            .build()
            .map_err(|e| unavailable(format!("{wanted} threads cannot be started: {e}")))?;
        Ok(Self { wanted, pool })
    }

    /// Another number of threads from now on.
    pub fn set(&mut self, wanted: u32) -> Result<(), PotError> {
        if wanted != self.wanted {
            *self = Self::new(wanted)?;
        }
        Ok(())
    }

    /// Runs `work` on these threads and waits for it.
    pub fn run<R: Send>(&self, work: impl FnOnce() -> R + Send) -> R {
        self.pool.install(work)
    }
}

#[cfg(test)]
mod tests {
    use super::{Threads, MAX_THREADS};

    #[test]
    fn the_number_is_kept_and_can_be_changed() {
        let mut threads = Threads::new(1).unwrap();
        assert_eq!(threads.run(rayon::current_num_threads), 1);
        threads.set(3).unwrap();
        assert_eq!(threads.run(rayon::current_num_threads), 3);
        assert_eq!(threads.set(MAX_THREADS + 1).unwrap_err().code, "THREADS_UNAVAILABLE");
        assert_eq!(threads.run(rayon::current_num_threads), 3);
    }
}
