/** Codes of errors: adapter files. */
export const peft = {
  PEFT_ALPHA: {
    text: "A module's alpha is not the one of the configuration.",
    hint: 'Give weights and configuration of one adapter.',
  },
  PEFT_BASE_MISMATCH: {
    text: 'The adapter does not fit the model.',
    hint: 'Use the model that it was made for.',
  },
  PEFT_CONFIG_DUPLICATE_KEY: {
    text: "The adapter's configuration has a name twice.",
    hint: 'Ask its maker for another file.',
  },
  PEFT_CONFIG_INVALID: {
    text: "The adapter's configuration does not fit its format.",
    hint: 'The message names the first field that is wrong.',
  },
  PEFT_CONFIG_NOT_JSON: {
    text: "The adapter's configuration is no JSON object.",
    hint: 'Get the file again.',
  },
  PEFT_CONFIG_TOO_LARGE: {
    text: "The adapter's configuration is larger than files that are read.",
    hint: 'Check that it is the right file.',
  },
  PEFT_EMPTY: {
    text: 'The adapter has no module.',
    hint: 'Give at least one.',
  },
  PEFT_EXISTS: {
    text: 'There are adapter files in the folder already.',
    hint: 'Write into another folder, or ask for it to be overwritten.',
  },
  PEFT_FILE_MISSING: {
    text: 'A file of the adapter is missing or cannot be read.',
    hint: 'An adapter is adapter_config.json beside adapter_model.safetensors.',
  },
  PEFT_INCOMPLETE: {
    text: 'A module has only one of lora_A and lora_B.',
    hint: 'Get the file again.',
  },
  PEFT_KEY: {
    text: "A tensor's name is none of a plain LoRA weight.",
    hint: 'Only plain LoRA on linear layers is supported.',
  },
  PEFT_MODULE_NOT_TARGETED: {
    text: 'A module is not in target_modules.',
    hint: 'Give weights and configuration of one adapter.',
  },
  PEFT_NOT_FINITE: {
    text: 'The adapter holds NaN or infinity.',
    hint: 'Check the training that it came from.',
  },
  PEFT_RANK: {
    text: "A module's rank is not the same in A, B and the configuration.",
    hint: 'Give weights and configuration of one adapter.',
  },
  PEFT_SHAPE: {
    text: 'A or B of a module is no matrix of its sizes.',
    hint: 'Only adapters of linear layers are supported.',
  },
  PEFT_TOO_LARGE: {
    text: "The adapter's weights are larger than files that are read.",
    hint: 'Check that it is the right file.',
  },
  PEFT_UNSUPPORTED: {
    text: 'The configuration asks for more than plain LoRA.',
    hint: 'Only alpha / r times B A, added to a linear layer, is supported.',
  },
  PEFT_WRITE_FAILED: {
    text: 'The adapter could not be written.',
    hint: "Check the folder's permissions and space.",
  },
  SAFETENSORS_DTYPE: {
    text: 'A tensor has numbers of a type that is not read.',
    hint: 'The hint lists the types.',
  },
  SAFETENSORS_HEADER_DUPLICATE_KEY: {
    text: 'The header has a name twice.',
    hint: 'Ask its maker for another file.',
  },
  SAFETENSORS_HEADER_INVALID: {
    text: 'The header does not fit the format.',
    hint: 'Get the file again.',
  },
  SAFETENSORS_HEADER_NOT_INTEGER: {
    text: 'A number in the header is no exact integer.',
    hint: 'Get the file again.',
  },
  SAFETENSORS_HEADER_NOT_JSON: {
    text: 'The header is no JSON object.',
    hint: 'Get the file again.',
  },
  SAFETENSORS_HEADER_NOT_UTF8: {
    text: 'The header is not UTF-8.',
    hint: 'Get the file again.',
  },
  SAFETENSORS_HEADER_TOO_LARGE: {
    text: 'The header is larger than headers that are read or written.',
    hint: 'The file is damaged, or no safetensors file.',
  },
  SAFETENSORS_HOLE: {
    text: 'Bytes between tensors belong to none.',
    hint: 'Get the file again.',
  },
  SAFETENSORS_OFFSETS: {
    text: 'A tensor ends before it begins.',
    hint: 'Get the file again.',
  },
  SAFETENSORS_OVERLAP: {
    text: 'Two tensors share bytes.',
    hint: 'Get the file again.',
  },
  SAFETENSORS_SIZE: {
    text: 'A tensor has not the bytes that its shape takes.',
    hint: 'Get the file again.',
  },
  SAFETENSORS_TENSOR: {
    text: 'A tensor to be written does not fit its shape, or its name is taken or none.',
    hint: 'The message names the tensor.',
  },
  SAFETENSORS_TRAILING_BYTES: {
    text: 'Bytes after the last tensor belong to none.',
    hint: 'Get the file again.',
  },
  SAFETENSORS_TRUNCATED: {
    text: 'The file is shorter than its header says.',
    hint: 'Get the file again.',
  },
} as const;
