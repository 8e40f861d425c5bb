/** Codes of errors: options, settings and arguments. */
export const options = {
  CONFIG_FILE: {
    text: 'The configuration cannot be read, or there are two.',
    hint: 'Give one file in JSON or YAML that can be read.',
  },
  CONFIG_INVALID: {
    text: 'A setting has a value of the wrong type or outside of its range.',
    hint: 'docs/operate/configuration.md says what each setting takes.',
  },
  CONFIG_UNKNOWN_KEY: {
    text: 'There is no setting of this name.',
    hint: 'The nearest name is in the hint.',
  },
  CPU_UNSUPPORTED: {
    text: 'The native engine was built for a processor that has more instructions.',
    hint: 'Build it on this machine, or choose wasm or auto.',
  },
  ENGINE_UNAVAILABLE: {
    text: 'The native engine is not there, does not fit this version, or cannot run here.',
    hint: 'Install the package that has it, or build it (pnpm build:native); or choose wasm or auto.',
  },
  ENGINE_UNKNOWN: {
    text: 'There is no prover engine of this name.',
    hint: 'Engines are wasm, native and auto.',
  },
  FORMAT_UNKNOWN: {
    text: 'There is no number format of this name for single steps.',
    hint: 'The formats are in the hint and in toleranceFormats.',
  },
  OPTION_INVALID: {
    text: 'An option or argument has a value of the wrong type or outside of its range.',
    hint: 'The message names it and says what it must be.',
  },
  OPTION_NOT_FOR_THIS_FILE: {
    text: 'An option says nothing about a file of this kind.',
    hint: 'Check that it is the file that you mean, or leave the option out.',
  },
  OPTION_TWICE: {
    text: 'An option of the command line is given twice.',
    hint: 'Give it once.',
  },
  OPTION_UNKNOWN: {
    text: 'There is no option of this name.',
    hint: 'The nearest name is in the hint; options are spelt as documented.',
  },
  PIN_INVALID: {
    text: 'A pinned hash is not 64 hexadecimal digits.',
    hint: 'Give it with or without 0x, or leave the option out where nothing is pinned.',
  },
  THREADS_UNAVAILABLE: {
    text: 'The prover cannot run with this number of threads here.',
    hint: 'Give a whole number up to 1024, or 1; in browsers threads need a cross-origin isolated page.',
  },
  TRANSCRIPT_UNKNOWN: {
    text: 'There is no transcript of this name.',
    hint: 'Choose blake2b or poseidon.',
  },
} as const;
