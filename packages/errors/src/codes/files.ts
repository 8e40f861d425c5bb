/** Codes of errors: files and JSON. */
export const files = {
  FIELD_INVALID: {
    text: 'Bytes are no element of the field in their one form.',
    hint: "Give 32 bytes below the field's modulus.",
  },
  FILE_JSON: {
    text: 'A file is not one JSON text, or not one that is read.',
    hint: 'It must be UTF-8, with no name twice and no name __proto__.',
  },
  FILE_WRITE: {
    text: 'A file or folder cannot be written.',
    hint: 'Check the path and its permissions, and name each file once.',
  },
  FILE_READ: {
    text: 'A file cannot be read.',
    hint: 'Check its path and its permissions.',
  },
  FORMAT_DUPLICATE_KEY: {
    text: 'A JSON object has a name twice.',
    hint: 'Readers would disagree about it: ask its maker for another file.',
  },
  FORMAT_FOREIGN: {
    text: 'The file is of another kind than is expected.',
    hint: 'Give the file that the command or function is about.',
  },
  FORMAT_INVALID: {
    text: 'The file does not fit its format.',
    hint: 'The message names the first field that is wrong.',
  },
  FORMAT_NOT_INTEGER: {
    text: 'A number in the file is no exact integer.',
    hint: 'Ask its maker for another file.',
  },
  FORMAT_NOT_JSON: {
    text: 'The bytes are not UTF-8 JSON.',
    hint: 'Get the file again: it may be damaged.',
  },
  FORMAT_PROTO_KEY: {
    text: 'A JSON object has the name __proto__.',
    hint: 'Ask its maker for another file.',
  },
  FORMAT_TOO_DEEP: {
    text: 'The JSON is nested too deeply.',
    hint: 'Ask its maker for another file.',
  },
  FORMAT_TOO_LARGE: {
    text: 'The file is larger than files that are read.',
    hint: 'Check that it is the right file.',
  },
  FORMAT_TRUNCATED: {
    text: 'The JSON ends before it is whole.',
    hint: 'Get the file again.',
  },
  FORMAT_VERSION: {
    text: 'The file is of a version that is not supported.',
    hint: 'Use the version of the library that the hint names.',
  },
  LEAF_INDEX: {
    text: 'A tree has no leaf of this number.',
    hint: 'Give the number of a leaf that is there.',
  },
  MERKLE_INDEX: {
    text: 'A Poseidon tree has no leaf of this number.',
    hint: 'Give the number of a leaf that is there.',
  },
  POINT_INVALID: {
    text: 'A commitment is no point of the curve in its canonical form.',
    hint: 'The proof or file is damaged: get it again.',
  },
  POSEIDON_INPUT: {
    text: 'Poseidon takes elements of 32 bytes.',
    hint: 'Give a multiple of 32 bytes.',
  },
  SOURCE_INVALID: {
    text: 'A response or blob cannot be read as a file.',
    hint: 'Give one with status 200 that was not read before.',
  },
} as const;
