/** The version of all packages, as their package.json and CHANGELOG.md say it: a test compares them. */
export const VERSION = '0.2.0';
