/** Codes of errors: specifications, statements and runs. */
export const verify = {
  ADAPTER_DIFFERENT: {
    text: 'The adapter file holds other numbers than the run ended with.',
    hint: 'Give the file that was written from this run, as float32.',
  },
  ADAPTER_MODULES: {
    text: "The adapter file's modules are not the layers of the run.",
    hint: 'Name the layers in their order.',
  },
  DATASET_ROOT: {
    text: 'The dataset root is not that of the listed shards.',
    hint: 'The file is wrong: do not accept it.',
  },
  EVALUATION_PARTS: {
    text: 'Proofs of an evaluation are not about the parts of the test set, each once.',
    hint: 'Give each proof once, and the digests that were published as testSet.',
  },
  EXPECTED_MISMATCH: {
    text: 'The file says something else than the verifier expects.',
    hint: 'Do not accept it, or correct what you expect.',
  },
  EXPECTED_UNBOUND: {
    text: 'The proof says nothing about what is expected.',
    hint: "Expect it of the run, or of a window's proof.",
  },
  EXPECTED_UNKNOWN: {
    text: 'There is no expectation of this name, or none that this file can meet.',
    hint: 'The message names those that there are.',
  },
  GENESIS_MISMATCH: {
    text: 'The genesis proof is not about this run.',
    hint: 'The file is wrong: do not accept it.',
  },
  GRAPH_BOUNDS: {
    text: 'A value of the graph could leave what the circuit or the executor holds.',
    hint: 'The message has the node, the bits that it needs and those that fit: round before it, or sum less.',
  },
  GRAPH_FAULT: {
    text: 'A fault for a test names a node or a rule that the graph does not have.',
    hint: 'The message names the rules of the node.',
  },
  GRAPH_INVALID: {
    text: 'A graph does not fit its format, or is none.',
    hint: 'The details have the reason and the tensor or node: docs/operators/graph.md lists the reasons.',
  },
  GRAPH_UNSUPPORTED: {
    text: 'A graph can be executed, and has no circuit.',
    hint: 'The details have the tensor or node: docs/operators/circuit.md lists what has one.',
  },
  INFERENCE_GENESIS: {
    text: 'The genesis proof that was given is not one of the weights of the inference.',
    hint: 'Ask for the genesis proof of this very model, or verify without: the report is conditional then.',
  },
  INFERENCE_MODEL: {
    text: 'Inferences of this kind of model are not proven.',
    hint: 'The message says which are.',
  },
  INFERENCE_RUN: {
    text: 'The run that a model is said to come from does not hold, or is none that says where its weights come from.',
    hint: 'Verify the run by itself: its report says what fails.',
  },
  INFERENCE_WEIGHTS: {
    text: 'The inference is of other weights than those that the run ended with.',
    hint: 'Ask for a proof of the model that the run trained: do not accept this one.',
  },
  KEY_DIGEST: {
    text: 'The key is not the one of the public architecture.',
    hint: 'The proof is of another circuit or version: do not accept it.',
  },
  KEY_INVALID: {
    text: 'A key file or private key cannot be read.',
    hint: 'Remove a cached key: it is made again. A private key is 0x and 64 hexadecimal digits.',
  },
  ONNX_INVALID: {
    text: 'A file is no ONNX model that can be read.',
    hint: 'The message says what is wrong. Export the model again, with its weights in the file.',
  },
  ONNX_UNSUPPORTED: {
    text: 'An ONNX model has something that is not proven.',
    hint: 'The message names the node and what can be done.',
  },
  OPENING_COMMITMENT: {
    text: 'The opening does not belong to the commitment.',
    hint: "Give the opening of this run's last checkpoint.",
  },
  OPENING_INVALID: {
    text: 'The opening does not fit its format or specification.',
    hint: 'Get the file again.',
  },
  OPENING_SPEC: {
    text: 'The opening is of another architecture than the run.',
    hint: 'Give the opening of this run.',
  },
  PRECISION_TOO_LOW: {
    text: 'Weights or activations have fewer fractional bits than are wanted.',
    hint: 'Accept it knowingly with minPrecision.',
  },
  PUBLIC_INVALID: {
    text: 'A public input is not in its one form.',
    hint: 'The file is wrong: do not accept it.',
  },
  RENEWAL_CHAIN: {
    text: "A renewal of a commitment does not go on from the run's latest one, or leads to one that is in use.",
    hint: 'The file is wrong: do not accept it.',
  },
  RENEWAL_UNUSED: {
    text: 'A renewal of a commitment serves no window.',
    hint: 'The file is wrong: leave the renewal out.',
  },
  RUN_BASE: {
    text: 'The run was made on another frozen base than it must be.',
    hint: 'Do not accept it, or correct the expected digest.',
  },
  RUN_CONTINUITY: {
    text: 'A proof does not continue the weights of the one before it.',
    hint: 'The file is wrong: do not accept it.',
  },
  RUN_FOREIGN_PROOF: {
    text: 'A proof belongs to another run.',
    hint: 'The file is wrong: do not accept it.',
  },
  RUN_FORKED: {
    text: 'The run has two proven endings.',
    hint: 'Ask its trainer which one counts, and why there are two.',
  },
  RUN_ID: {
    text: 'The run id does not belong to these settings, this dataset and this beginning.',
    hint: 'The file is wrong: do not accept it.',
  },
  RUN_LEARNING_RATE: {
    text: "A proof was made with another learning rate than the run's, or that is none of its circuit.",
    hint: 'The file is wrong: do not accept it.',
  },
  RUN_NOT_COMPARABLE: {
    text: 'The other bundle is of another run.',
    hint: 'Compare files of one run.',
  },
  RUN_SCHEDULE: {
    text: 'The windows did not use the shards that the public schedule names.',
    hint: 'The file is wrong: do not accept it.',
  },
  RUN_SHARDS_REPEATED: {
    text: 'The list of shards names some of them more than once.',
    hint: 'Accept it knowingly with allowRepeatedShards.',
  },
  RUN_STEPS: {
    text: 'Steps are missing, doubled or moved.',
    hint: 'The file is wrong: do not accept it.',
  },
  SPEC_BASE: {
    text: 'The file names a frozen base where its circuit has none, or none where it has one.',
    hint: 'The file is wrong: do not accept it.',
  },
  SPEC_GENESIS: {
    text: 'The genesis proof is about another network or layout than the windows.',
    hint: 'The file is wrong: do not accept it.',
  },
  SPEC_INVALID: {
    text: 'A specification does not fit its format, or describes no circuit.',
    hint: 'Make specifications with plan().',
  },
  SPEC_KIND: {
    text: 'A proof is of another kind than it must be.',
    hint: 'A run has exact window proofs and one genesis proof.',
  },
  SPEC_LORA: {
    text: 'The adapters of the specification are not those of the run.',
    hint: 'The file is wrong: do not accept it.',
  },
  SPEC_OPTIMIZER: {
    text: 'The optimiser of the specification does not fit its network, mode or columns.',
    hint: 'The file is wrong: do not accept it.',
  },
  SPEC_TOO_LARGE: {
    text: 'The circuit is larger than a verifier takes on.',
    hint: 'Ask for a run with a smaller circuit.',
  },
  VERIFY_DIGEST: {
    text: "A public digest is not that of the proof's own commitments.",
    hint: 'The proof was changed: do not accept it.',
  },
  VERIFY_FAILED: {
    text: 'The proof does not verify.',
    hint: 'The proof was changed or is of another statement: do not accept it.',
  },
  VERIFY_TRUNCATED: {
    text: "The proof is shorter than its circuit's proofs.",
    hint: 'Get the file again.',
  },
} as const;
