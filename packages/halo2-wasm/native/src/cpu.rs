//! Whether this processor has the instructions that the addon was built with.

use pot_proof_system::error::PotError;

/// Errors: `CPU_UNSUPPORTED`, where going on would end the process with an illegal instruction.
pub fn check() -> Result<(), PotError> {
    #[cfg(all(feature = "asm", target_arch = "x86_64"))]
    if !(std::is_x86_feature_detected!("adx") && std::is_x86_feature_detected!("bmi2")) {
        return Err(PotError::new(
            "CPU_UNSUPPORTED",
            "the native engine was built for a processor with ADX and BMI2, which this one does not have".into(),
        ));
    }
    Ok(())
}
