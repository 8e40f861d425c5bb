/** Codes of errors: chains. */
export const chain = {
  ANCHOR_CONFLICT: {
    text: 'These steps of the run are anchored already, by another aggregate.',
    hint: 'Aggregate the windows after them.',
  },
  ANVIL_MISSING: {
    text: 'Anvil is not installed.',
    hint: 'Install @foundry-rs/anvil, or name the program in POT_ANVIL.',
  },
  ANVIL_PORT_TAKEN: {
    text: 'Something else listens on the port.',
    hint: 'Give another port (pot chain up --port N).',
  },
  ANVIL_START: {
    text: 'Anvil did not start.',
    hint: 'The message has what it said.',
  },
  BEACON_BLOCK: {
    text: 'The beacon is not the block that follows the announcement.',
    hint: 'Do not accept the run.',
  },
  BEACON_CHAIN: {
    text: 'The beacon is of another chain.',
    hint: 'Audit on the chain that the run names.',
  },
  BEACON_HASH: {
    text: 'The block has another hash on the chain.',
    hint: 'Do not accept the run, or ask another RPC server.',
  },
  BEACON_KIND: {
    text: "The run's beacon is no block of a chain.",
    hint: 'Compare its value yourself (pot verify --beacon).',
  },
  BEACON_LOG_MISSING: {
    text: "The registry has the announcement, and the block's log has none.",
    hint: 'Use a chain whose contracts count blocks as its RPC servers do.',
  },
  BEACON_MISSING: {
    text: 'The run has no beacon: its order could have been chosen.',
    hint: 'Ask for a run that was announced first, or do not require one.',
  },
  BEACON_REGISTRY: {
    text: 'The beacon names another registry.',
    hint: 'Audit with the registry that the run names.',
  },
  BEACON_UNANNOUNCED: {
    text: 'This dataset with these settings was never announced there.',
    hint: 'Do not accept the run.',
  },
  BEACON_UNCONFIRMED: {
    text: "The beacon's block is too young.",
    hint: 'Wait, or ask for fewer confirmations.',
  },
  CHAIN_ANCHORS: {
    text: 'The anchors of the run do not follow each other.',
    hint: 'The RPC server is wrong: use another.',
  },
  CHAIN_BLOCK_MISSING: {
    text: 'The RPC server does not have the block.',
    hint: 'Use another server.',
  },
  CHAIN_CODE_SIZE: {
    text: 'The contract is larger than the chain allows.',
    hint: 'Use a wrapper with more rows, or another chain.',
  },
  CHAIN_DEADLINE: {
    text: 'The transaction took longer than its deadline.',
    hint: 'Call again: what is on the chain by then is not sent twice.',
  },
  CHAIN_DEPLOY_FAILED: {
    text: 'The contract was not deployed.',
    hint: "The message has the chain's reason.",
  },
  CHAIN_FAILED: {
    text: 'The RPC server or the client library failed.',
    hint: 'The details have what it said.',
  },
  CHAIN_FUNDS: {
    text: 'The account cannot pay for the gas.',
    hint: 'Send it the amount that the hint names.',
  },
  CHAIN_GAS_LIMIT: {
    text: 'The deployment takes more gas than a block has.',
    hint: 'Use another chain.',
  },
  CHAIN_ID_MISMATCH: {
    text: 'The RPC server is on another chain.',
    hint: "Use another server, or name this chain's id.",
  },
  CHAIN_NONCE: {
    text: "The account's nonce was used by another transaction.",
    hint: 'Call again.',
  },
  CHAIN_NO_ANCHOR: {
    text: 'The run is registered, and nothing of it is anchored.',
    hint: 'Ask its owner to anchor it.',
  },
  CHAIN_NO_DEPLOYER: {
    text: 'The chain has no deterministic deployer.',
    hint: 'Deploy the contract yourself and give its address.',
  },
  CHAIN_NO_EFFECT: {
    text: 'The transaction was carried out, and the registry does not show it.',
    hint: 'Use another RPC server.',
  },
  CHAIN_OPTIONS: {
    text: 'Options of a command about a chain are missing.',
    hint: 'Give --rpc and --chain-id, or start one with pot chain up.',
  },
  CHAIN_OUT_OF_GAS: {
    text: 'The transaction ran out of gas.',
    hint: 'Call again: its estimate was of another state.',
  },
  CHAIN_OWNER: {
    text: 'The run was registered by another account.',
    hint: 'Do not accept it, or correct the owner.',
  },
  CHAIN_PINS: {
    text: 'The pins of a command do not belong together.',
    hint: 'Give --pin, or one --verifier-code with its --window-key.',
  },
  CHAIN_REVERTED: {
    text: 'The call reverted without a reason that is known.',
    hint: 'The details have the data of the revert.',
  },
  CHAIN_RUN_MISSING: {
    text: 'The run is not registered.',
    hint: 'Check the registry and the chain.',
  },
  CHAIN_RUN_OTHER: {
    text: 'The run is registered with other terms than it is described with.',
    hint: 'Do not accept it.',
  },
  CHAIN_TIMEOUT: {
    text: 'The RPC server did not answer in time.',
    hint: 'Call again, or use another server.',
  },
  CHAIN_UNCONFIRMED: {
    text: 'The last anchor has fewer confirmations than are wanted.',
    hint: 'Wait, or ask for fewer.',
  },
  CHAIN_UNREACHABLE: {
    text: 'The RPC server cannot be reached.',
    hint: 'Check its address, or use another.',
  },
  CHECKPOINT_INVALID: {
    text: 'A text is no checkpoint of a log of events.',
    hint: "Give the file named checkpoint, as it lies in the log's root.",
  },
  EVM_PROOF_RUN: {
    text: 'The proof in the file is about another run than the one in the file.',
    hint: 'The file is wrong: do not accept it.',
  },
  EVM_PROOF_STATEMENT: {
    text: 'The wrapped proof does not say what the aggregate says.',
    hint: 'Wrap this aggregate again.',
  },
  KEYSTORE_INVALID: {
    text: 'The keystore does not open.',
    hint: 'Check POT_KEYSTORE_PASSWORD.',
  },
  KEYSTORE_READ: {
    text: 'The keystore cannot be read.',
    hint: 'Check its path.',
  },
  KEY_AMBIGUOUS: {
    text: 'POT_PRIVATE_KEY and POT_KEYSTORE are both set.',
    hint: 'Set one of them.',
  },
  KEY_MISSING: {
    text: 'There is no account to sign with.',
    hint: 'Set POT_PRIVATE_KEY, or POT_KEYSTORE and POT_KEYSTORE_PASSWORD.',
  },
  ONCHAIN_ACCEPTED: {
    text: 'The contract accepted what it must refuse.',
    hint: 'Do not use the contract.',
  },
  ONCHAIN_NOTHING_KEPT: {
    text: 'There is nothing that was made before.',
    hint: 'Leave --reuse out.',
  },
  ONCHAIN_OPTIONS: {
    text: 'Options of verify:onchain do not fit each other.',
    hint: 'The message names them.',
  },
  REGISTRY_CODE: {
    text: 'The contract is not the registry of this version.',
    hint: "Name the address of this version's registry.",
  },
  REGISTRY_CREATION: {
    text: 'The transaction did not create this registry.',
    hint: 'Name the transaction whose receipt has the registry as its contract.',
  },
  REGISTRY_MISSING: {
    text: "There is no contract at the registry's address.",
    hint: 'Check the chain and the address.',
  },
  REGISTRY_ORIGIN: {
    text: 'Nothing shows how the registry began.',
    hint: 'Name the transaction that created it.',
  },
  SIGNER_MISSING: {
    text: 'There is no signer, or it is connected to no chain.',
    hint: 'Give one with a provider, or set POT_PRIVATE_KEY or POT_KEYSTORE.',
  },
  SOLC_FAILED: {
    text: 'The verifier contract does not compile.',
    hint: "The cause has the compiler's reason.",
  },
  SOLC_MISSING: {
    text: 'The Solidity compiler is not installed.',
    hint: 'Install the npm package solc.',
  },
  STATEMENT_INVALID: {
    text: 'The public inputs are no statement for the registry.',
    hint: 'The file is wrong: do not accept it.',
  },
  VERIFIER_ACCEPTS: {
    text: 'The verifier accepts a proof of other weights.',
    hint: 'Trust nothing that is anchored with it.',
  },
  VERIFIER_CODE: {
    text: 'The verifier on the chain is not the one that the file says.',
    hint: "Give the address of the file's verifier.",
  },
  VERIFIER_REFUSES: {
    text: "The verifier refuses the file's own proof.",
    hint: 'The proof was damaged, or is of another verifier.',
  },
  VERIFIER_UNPINNED: {
    text: "The run's owner chose the verifier, and you pinned none.",
    hint: "Generate the verifier yourself, and pin its code and the windows' key.",
  },
  VERIFIER_UNTRUSTED: {
    text: "The verifier's code is none that you pinned.",
    hint: 'Do not accept it, or correct the pin.',
  },
} as const;
