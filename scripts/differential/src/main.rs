mod spec;
mod st { use stock as halo2; include!("body.rs"); }
mod pa { use patched as halo2; include!("body.rs"); include!("source.rs"); }
use std::sync::Arc;
fn main() {
    if std::env::args().nth(1).as_deref() == Some("numbers") { for k in 1..14u32 { for seed in 0..(if k > 9 { 1 } else { 4 }) { let (x, y) = (st::numbers(k, seed + 100 * k as u64, true), pa::numbers(k, seed + 100 * k as u64, false)); for (i, (a, b)) in x.iter().zip(&y).enumerate() { if a != b { println!("k {k} seed {seed}: item {i} differs"); } } } if !pa::lagrange_ok(k) { println!("k {k}: barycentric"); } } println!("numbers done"); return; }
    let a: Vec<u64> = std::env::args().skip(1).map(|v| v.parse().unwrap()).collect();
    std::panic::set_hook(Box::new(|i| { if std::env::var("TRACE").is_ok() { eprintln!("{i}") } }));
    let (mut bad, mut elim_total, mut forms_total, mut tampered, mut lies) = (0, 0, 0, 0, 0);
    for seed in a[0]..a[1] {
        let s = Arc::new(spec::make(seed));
        let r = std::panic::catch_unwind(|| {
            let (x, y) = (st::side(&s), pa::side(&s));
            assert_eq!(x.vk_bytes(), y.vk_bytes(), "vk");
            let (elim, forms) = y.linear();
            let (p, q) = (x.prove(seed, None), y.prove(seed, None));
            let src = y.prove_source(seed, None);
            let src2 = y.prove_source_known(seed);
            let v = [x.verify(&p), y.verify(&p), x.verify(&q), y.verify(&q), x.verify(&src), y.verify(&src), x.verify(&src2), y.verify(&src2)];
            let same = [p == q, p == src, p == src2]; if same.contains(&false) { let p2 = x.prove(seed, None); println!("seed {seed}: stock again same {}; first different element {:?} of {}; look-ups {:?} {:?}", p == p2, (0..p.len()/32).find(|i| p[i*32..i*32+32] != q[i*32..i*32+32]), p.len()/32, s.small, s.any.is_some()); }
            let mut fail = vec![];
            if v.iter().any(|v| *v != "ok") || same.contains(&false) { fail.push(format!("{v:?} {same:?} lens {} {}", p.len(), q.len())); }
            let mut t = 0;
            for chunk in 0..p.len() / 32 {
                for (byte, mask) in [(0, 1u8), (15, 0x10), (31, 0x40), (30, 0x80), (31, 0x01)] {
                    if (byte + chunk + seed as usize) % 3 != 0 { continue; }
                    let mut m = p.clone(); m[chunk * 32 + byte] ^= mask;
                    let (a, b) = (x.verify(&m), y.verify(&m));
                    t += 1;
                    if a == "ok" || a != b { fail.push(format!("tamper {chunk} {byte}: {a} {b}")); }
                }
            }
            // whole elements swapped, zeroed, set to identity
            for chunk in 0..p.len() / 32 { let mut m = p.clone(); let mut id = [0u8; 32]; if (chunk + seed as usize) % 2 == 0 { id[31] = 0x80; } m[chunk*32..chunk*32+32].copy_from_slice(&id); if m == p { continue; } let (a, b) = (x.verify(&m), y.verify(&m)); t += 1; if a == "ok" || a != b { fail.push(format!("zero {chunk}: {a} {b}")); } }
            for chunk in 1..p.len() / 32 { let mut m = p.clone(); let (l, r) = m.split_at_mut(chunk * 32); l[chunk*32-32..].swap_with_slice(&mut r[..32]); if m == p { continue; } let (a, b) = (x.verify(&m), y.verify(&m)); t += 1; if a == "ok" || a != b { fail.push(format!("swap {chunk}: {a} {b}")); } }
            let short = &p[..p.len() - 1]; if x.verify(short) == "ok" || y.verify(short) == "ok" { fail.push("short".into()); }
            // a false witness: an output cell on a row where its gate is on
            let mut l = 0;
            let fx = st::fixed_values(&s); let sel = st::sel_values(&s);
            for g in &s.gates {
                let Some(row) = (0..s.usable()).find(|r| fx[g.q][*r] != Default::default() && g.sel.is_none_or(|x| sel[x][*r])) else { continue };
                let lie = Some((g.out, row));
                let (a, b) = (x.prove(seed, lie), y.prove(seed, lie));
                l += 1;
                let v = [x.verify(&a), y.verify(&a), x.verify(&b), y.verify(&b)];
                if v.contains(&"ok") || a != b { fail.push(format!("lie {lie:?}: {v:?} same {}", a == b)); }
            }
            (elim, forms, fail, t, l)
        });
        match r {
            Ok((e, f, fail, t, l)) => { elim_total += e; forms_total += f; tampered += t; lies += l; if !fail.is_empty() { bad += 1; println!("seed {seed}: elim {e} forms {f}: {fail:?}"); } }
            Err(e) => { bad += 1; println!("seed {seed}: panic {:?} {:?}", e.downcast_ref::<String>(), e.downcast_ref::<&str>()); }
        }
    }
    println!("seeds {}..{}: {bad} bad; eliminated columns {elim_total}, forms {forms_total}, tampered {tampered}, lies {lies}", a[0], a[1]);
}
