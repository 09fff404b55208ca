/** @jest-config-loader esbuild-register */
import type { Config } from 'jest';

const config: Config = {
  // What a user writes as `preset: 'testvisor'`.
  preset: './harness/jest/jest-preset.js',
  roots: ['<rootDir>/specs'],
  testMatch: ['**/*.spec.ts'],
  transform: { '^.+\\.ts$': '<rootDir>/harness/jest/typescript-transform.js' },
  moduleNameMapper: { '^testvisor$': '<rootDir>/harness/index.ts' },
};
export default config;
