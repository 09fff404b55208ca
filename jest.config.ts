/** @jest-config-loader esbuild-register */
import type { Config } from 'jest';

const config: Config = {
  // What a user writes as `preset: 'testvisor'`.
  preset: './harness/jest/jest-preset.js',
  roots: ['<rootDir>/specs'],
  testMatch: ['**/*.spec.ts'],
  transform: { '^.+\\.ts$': ['ts-jest', { tsconfig: '<rootDir>/tsconfig.json', diagnostics: false }] },
  moduleNameMapper: { '^testvisor$': '<rootDir>/harness/index.ts' },
};
export default config;
