'use strict';
/** Jest's preset: `preset: 'testvisor'`. Specs may be JavaScript or TypeScript; see README.md in this folder. */
const { existsSync } = require('node:fs');
const { join } = require('node:path');

/** In the package everything beside this file is JavaScript; in the repository, TypeScript. */
const file = (name) => {
  const compiled = join(__dirname, `${name}.js`);
  return existsSync(compiled) ? compiled : join(__dirname, `${name}.ts`);
};

module.exports = {
  testEnvironment: file('environment'),
  setupFilesAfterEnv: [file('setup')],
  testSequencer: join(__dirname, 'sequencer.js'),
};
