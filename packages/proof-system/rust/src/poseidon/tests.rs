use super::*;
use serde_json::Value;

fn vectors() -> Value {
    serde_json::from_str(include_str!("../../../vectors/poseidon.json")).expect("vectors are JSON")
}

fn field(v: &Value) -> Fr {
    let mut bytes = hex::decode(&v.as_str().expect("a string")[2..]).expect("hexadecimal");
    bytes.reverse();
    parse_fields(&bytes).expect("a field element")[0]
}

fn list(v: &Value) -> Vec<Fr> {
    v.as_array().expect("a list").iter().map(field).collect()
}

#[test]
fn agrees_with_circomlibjs() {
    let v = vectors();
    for case in v["hash2"].as_array().expect("cases") {
        assert_eq!(hash2(field(&case["a"]), field(&case["b"])), field(&case["hash"]));
    }
    for case in v["chains"].as_array().expect("cases") {
        let domain = case["domain"].as_u64().expect("a number");
        assert_eq!(hash_chain(domain, &list(&case["inputs"])), field(&case["hash"]));
    }
    for case in v["trees"].as_array().expect("cases") {
        assert_eq!(merkle_root(&list(&case["leaves"])), field(&case["root"]));
    }
}

#[test]
fn first_round_constant_is_the_published_one() {
    let want = "0ee9a592ba9a9518d05986d656f40c2114c4993c11bb29938d21d47304cd8e6e";
    assert_eq!(constants().rounds[0][0], field(&Value::from(format!("0x{want}"))));
}

#[test]
fn every_path_climbs_to_the_root_and_no_other_leaf_does() {
    let leaves: Vec<Fr> = (1..=6).map(Fr::from).collect();
    let root = merkle_root(&leaves);
    for (i, leaf) in leaves.iter().enumerate() {
        let path = merkle_path(&leaves, i).expect("inside");
        assert_eq!(path.len(), 3);
        let i = i as u64;
        assert_eq!(merkle_climb(*leaf, i, &path), root);
        assert_ne!(merkle_climb(*leaf + Fr::ONE, i, &path), root);
        assert_ne!(merkle_climb(*leaf, i ^ 1, &path), root);
    }
    assert_eq!(merkle_path(&leaves, 6).expect_err("outside").code, "MERKLE_INDEX");
    assert_eq!(merkle_path(&[], 0).expect_err("empty").code, "MERKLE_INDEX");
}

/// Without a tag of the leaves, each of these leads to the root.
#[test]
fn nothing_else_in_the_tree_is_a_leaf() {
    let leaves: Vec<Fr> = (1..=6).map(Fr::from).collect();
    let root = merkle_root(&leaves);
    let all = levels(&leaves);
    for (depth, level) in all.iter().enumerate() {
        for (i, node) in level.iter().enumerate() {
            let path: Vec<Fr> = all[depth..all.len() - 1].iter().enumerate().map(|(d, nodes)| nodes[(i >> d) ^ 1]).collect();
            // It is a node of the tree, with the path that leads up from it.
            let climbed =
                path.iter().enumerate().fold(*node, |h, (d, sibling)| if i >> d & 1 == 0 { hash2(h, *sibling) } else { hash2(*sibling, h) });
            assert_eq!(climbed, root);
            assert_ne!(merkle_climb(*node, i as u64, &path), root, "level {depth}, node {i}");
        }
    }
    // A tree of inner nodes of another, of padding, of none.
    assert_ne!(merkle_root(&all[1]), root);
    assert_ne!(merkle_root(&all[3]), root);
    assert_ne!(merkle_root(&[leaves.clone(), vec![Fr::ZERO]].concat()), root);
    assert_ne!(merkle_root(&leaves[..1]), leaves[0]);
    assert_eq!(merkle_root(&[]), Fr::ZERO);
}

#[test]
fn parsing_refuses_what_is_not_a_field_element() {
    assert_eq!(parse_fields(&[0; 33]).expect_err("length").code, "FIELD_INVALID");
    assert_eq!(parse_fields(&[0xff; 32]).expect_err("modulus").code, "FIELD_INVALID");
    assert_eq!(parse_fields(&[]).expect("nothing"), vec![]);
}
