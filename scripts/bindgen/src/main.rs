//! `bindgen web|web-resettable|nodejs IN.wasm OUT_DIR`: the JavaScript glue and the processed WebAssembly of one module.
//! `web-resettable` exports `__wbg_reset_state`, which puts a new instance with a new memory in the place of the old one.

use std::process::ExitCode;
use wasm_bindgen_cli_support::Bindgen;

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let [target, input, out] = args.as_slice() else {
        eprintln!("usage: bindgen web|web-resettable|nodejs IN.wasm OUT_DIR");
        return ExitCode::FAILURE;
    };
    match generate(target, input, out) {
        Ok(()) => ExitCode::SUCCESS,
        Err(e) => {
            eprintln!("bindgen: {e}");
            ExitCode::FAILURE
        }
    }
}

fn generate(target: &str, input: &str, out: &str) -> Result<(), Box<dyn std::error::Error>> {
    let mut bindgen = Bindgen::new();
    match target {
        "web" => bindgen.web(true)?,
        "web-resettable" => bindgen.web(true)?.reset_state_function(true),
        "nodejs" => bindgen.nodejs(true)?,
        _ => return Err(format!("unknown target {target}").into()),
    };
    bindgen
        .input_path(input)
        .typescript(true)
        .omit_default_module_path(true)
        .remove_name_section(true)
        .remove_producers_section(true)
        .generate(out)?;
    Ok(())
}
