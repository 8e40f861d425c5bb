/** Codes of errors: logs of events. */
export const ledger = {
  LEDGER_ALTERED: {
    text: 'A file of the log is not what its checkpoint says.',
    hint: 'Restore the log from a copy, and look for what else was changed.',
  },
  LEDGER_ANSWER: {
    text: 'An answer about a log does not follow from its evidence, or is none.',
    hint: 'Believe nothing of it, and ask again.',
  },
  LEDGER_ARTEFACT: {
    text: 'A file, folder or digest cannot be recorded.',
    hint: 'Give files and folders that are there and can be read.',
  },
  LEDGER_CHECKPOINT: {
    text: 'A signed note is no checkpoint of a log.',
    hint: "Give the file named checkpoint, as it lies in the log's root.",
  },
  LEDGER_CLOSED: {
    text: 'The log is closed, or stopped after a failure.',
    hint: 'Open it again.',
  },
  LEDGER_CUT: {
    text: 'Files or events of the log that its checkpoint is about are not there.',
    hint: 'Ask for all files of the log, or restore it from a copy.',
  },
  LEDGER_DATABASE: {
    text: 'The index of events cannot be written, or does not fit the log.',
    hint: 'rebuildIndex() makes it anew from the private store.',
  },
  LEDGER_DISCLOSURE: {
    text: 'A file is no disclosure of an event.',
    hint: 'Give a .tlog-proof file that disclose() wrote.',
  },
  LEDGER_DUPLICATE: {
    text: 'The log has an event of this id already.',
    hint: 'Give another id, or none.',
  },
  LEDGER_EVENT: {
    text: 'An event is not plain JSON data within the limits.',
    hint: 'The message names the field and what is wrong; nothing was written.',
  },
  LEDGER_EXISTS: {
    text: 'The folder holds a log already.',
    hint: 'Open it with EventLog.open, or use another folder.',
  },
  LEDGER_FIELD: {
    text: 'An event has no field of this name.',
    hint: 'Name fields that it has.',
  },
  LEDGER_FORKED: {
    text: 'A log has signed two histories.',
    hint: 'Keep and publish both notes, which are in details.notes.',
  },
  LEDGER_FORK_REPORT: {
    text: 'A report of a fork shows none.',
    hint: 'Believe nothing of it.',
  },
  LEDGER_INDEX: {
    text: 'The log has no entry or size of this number.',
    hint: 'Give a number below its size.',
  },
  LEDGER_JOURNAL: {
    text: 'A file of the private store is damaged or was changed.',
    hint: 'Restore the folder private from a copy.',
  },
  LEDGER_KEYS: {
    text: "The log's keys, or its notes about them, do not fit.",
    hint: "Pin both keys as the log's owner published them, and give all files in keys/, in order.",
  },
  LEDGER_KEY_INVALID: {
    text: 'A text is no key of a note.',
    hint: 'Give a key as it was published, or a signer as generateLogKeys gave it.',
  },
  LEDGER_LOCKED: {
    text: 'Another process writes the log.',
    hint: 'Wait until it ends, or give waitMs.',
  },
  LEDGER_MISSING: {
    text: 'The folder holds no log.',
    hint: 'Begin one with EventLog.create.',
  },
  LEDGER_NOTE: {
    text: 'A text is no signed note.',
    hint: 'Get the file again: it may be damaged or of another kind.',
  },
  LEDGER_NOT_INCLUDED: {
    text: 'An entry is not in the log where the proof says.',
    hint: 'The entry, the index or the path was altered: ask for the proof again.',
  },
  LEDGER_ORIGIN: {
    text: 'A checkpoint is of another log than the keys.',
    hint: 'Give the checkpoint of the log whose keys you pinned.',
  },
  LEDGER_PACKAGE: {
    text: 'A package of a registry is not what it must be.',
    hint: 'Compare name, version and integrity with what its maker publishes.',
  },
  LEDGER_POLICY: {
    text: 'A policy refuses what was to be used.',
    hint: 'Use other data, or another policy. The violations are in details; the refusal is recorded.',
  },
  LEDGER_PROLOG: {
    text: 'Prolog gives no answer: the program is none, throws, or does not end.',
    hint: 'docs/operate/audit.md lists the predicates.',
  },
  LEDGER_PROOF_FORMAT: {
    text: 'A file is no .tlog-proof file.',
    hint: 'Get the file again: it may be damaged or of another kind.',
  },
  LEDGER_QUARANTINE: {
    text: 'Something cannot be put into quarantine, or taken out of it.',
    hint: 'The message says why; a release needs a note that a key of the quarantine has signed.',
  },
  LEDGER_QUARANTINED: {
    text: 'What was to be read is in quarantine.',
    hint: 'It is not read until a key that its quarantine names releases it.',
  },
  LEDGER_RECORD: {
    text: 'A universal record is none, or does not hold.',
    hint: 'Believe nothing of it, and ask its maker for another one.',
  },
  LEDGER_REORDERED: {
    text: 'Entries of the log stand in another order than their leaves.',
    hint: 'Restore the log from a copy, and look for what else was changed.',
  },
  LEDGER_ROLLED_BACK: {
    text: 'The log is shorter than it has been.',
    hint: 'Ask for its present state, or restore it from a copy.',
  },
  LEDGER_SALT_REUSED: {
    text: 'One salt serves two fields.',
    hint: 'Equal values can be told from their commitments: ask for the events to be recorded anew.',
  },
  LEDGER_SECRET: {
    text: 'A command that would be recorded has a secret of the environment in it.',
    hint: 'Let the command read the secret from its environment.',
  },
  LEDGER_SIGNATURE: {
    text: 'A note is not signed by the keys that must have signed it.',
    hint: 'Believe nothing of it, and compare the keys that you pinned with those that the owner publishes.',
  },
  LEDGER_SOURCE: {
    text: 'A file of a log cannot be read from its server or folder.',
    hint: 'Try again; check the address of the log.',
  },
  LEDGER_SQL: {
    text: 'A statement of SQL is refused: it writes, is none, or takes too long.',
    hint: 'Give one SELECT over the views that docs/operate/audit.md lists.',
  },
  LEDGER_TILE: {
    text: 'A tile or bundle of the log is not whole.',
    hint: 'It is damaged, or of another log: get it again.',
  },
  LEDGER_TIME: {
    text: 'The time of an event lies before that of the event before it, or in the future.',
    hint: 'Leave the time out, or give it in a field of its own.',
  },
  LEDGER_UNANCHORED: {
    text: 'A chain does not have the state of a log, or not long enough.',
    hint: 'Ask for a proof under a checkpoint that was anchored, or wait for further blocks.',
  },
  LEDGER_WITNESSES: {
    text: 'Fewer witnesses have cosigned a checkpoint than are asked for.',
    hint: 'Ask the log for a checkpoint that its witnesses have seen.',
  },
  LEDGER_WRITE: {
    text: 'The log cannot be written.',
    hint: 'See that there is space and that the folder may be written, then open the log again.',
  },
} as const;
