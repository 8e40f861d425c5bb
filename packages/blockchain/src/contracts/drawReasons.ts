/** What the errors of the contract of drawn evaluations mean, in words. A code is `DRAW_` and the error's name in capitals. */
export const DRAW_REASONS: Record<string, [message: string, hint?: string]> = {
  TestSetInvalid: ['a test set has a root, and from 1 to 2^20 samples'],
  TestSetExists: ['this account registered this test set before'],
  TestSetUnknown: ['no such test set is registered', 'Its owner registers it first (registerTestSet).'],
  TestSetTooYoung: ['the test set is of the same block', 'Ask for the draw in a later block.'],
  Terms: ['the terms of the draw are out of range'],
  ModelNotAnchored: [
    'no anchor of the run ends with these weights',
    'Anchor the aggregate that ends with them first.',
  ],
  NotRunOwner: ['this account may not draw for this run', "Only the run's owner may."],
  Exists: [
    'this account drew for this model from this test set before',
    'The first draw stands: another one would be a second try.',
  ],
  Unknown: ['there is no such draw'],
  TooEarly: ['the block that draws is not there yet', 'Wait for it.'],
  TooOld: [
    'the chain has the hash of the block that draws no longer, and nobody fixed it in time',
    'The draw is lost: this account has no other one for this model and test set.',
  ],
  NotRequester: ['another account asked for this draw'],
  SeedMismatch: [
    'the evaluation is of samples that another block drew',
    'A reorganisation replaced it: evaluate the samples that are drawn now.',
  ],
  WindowClosed: ["the draw's window is closed"],
  Answered: ['another evaluation was registered for this draw', 'The first one stands.'],
};
