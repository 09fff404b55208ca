'use strict';
/** Jest's preset: `preset: 'testvisor'`. Specs may be JavaScript or TypeScript; see README.md in this folder. */
const { join } = require('node:path');

module.exports = {
  testEnvironment: join(__dirname, 'environment.ts'),
  setupFilesAfterEnv: [join(__dirname, 'setup.ts')],
};
