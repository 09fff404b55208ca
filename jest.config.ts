/** @jest-config-loader esbuild-register */
import type { Config } from 'jest';

const config: Config = {
  // What a user writes as `preset: 'testvisor'`.
  preset: './harness/jest/jest-preset.js',
  roots: ['<rootDir>/specs'],
  testMatch: ['**/*.spec.ts'],
  transform: {
    // Specs and what they import of guests are a user's files: ts-jest, as users have it.
    '/(specs|fixtures)/.+\\.ts$': ['ts-jest', { tsconfig: '<rootDir>/tsconfig.json', diagnostics: false }],
    // The framework's own files, which users get compiled: fast, since a first run waits for all of them.
    '^.+\\.ts$': '<rootDir>/harness/jest/typescript-transform.js',
  },
  moduleNameMapper: { '^testvisor$': '<rootDir>/harness/index.ts' },
};
export default config;
