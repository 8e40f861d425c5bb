//! The attacks, as tests: a form each.

use super::cells::{every_column_of_blocks, native_cells_and_permutations};
use super::limbs::every_limb_of_every_kind_of_block;
use super::*;

#[test]
fn limbs_wide() {
    every_limb_of_every_kind_of_block(WIDE);
}
#[test]
fn limbs_packed() {
    every_limb_of_every_kind_of_block(PACKED);
}
#[test]
fn blocks_wide() {
    every_column_of_blocks(WIDE);
}
#[test]
fn blocks_packed() {
    every_column_of_blocks(PACKED);
}
#[test]
fn native_wide() {
    native_cells_and_permutations(WIDE);
}
#[test]
fn native_packed() {
    native_cells_and_permutations(PACKED);
}
#[test]
#[ignore = "minutes: 2^19 rows"]
fn all_compression() {
    every_limb_of_every_kind_of_block(COMPRESSION);
    every_column_of_blocks(COMPRESSION);
    native_cells_and_permutations(COMPRESSION);
}
