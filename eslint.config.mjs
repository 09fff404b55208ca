import eslint from '@eslint/js';
import tseslint from 'typescript-eslint';

/**
 * Rules that see types (`recommendedTypeChecked`) are worth their seconds: floating promises and
 * needless assertions are what review misses. Walls between folders, banned clocks and file lengths are
 * not lint rules but specs (specs/tidy), so that each of them has a test that it can fail.
 */
export default tseslint.config(
  { ignores: ['node_modules/', 'dist/', 'coverage/'] },
  eslint.configs.recommended,
  {
    files: ['**/*.ts'],
    extends: [tseslint.configs.recommendedTypeChecked, tseslint.configs.stylistic],
    languageOptions: {
      parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname },
    },
    rules: {
      eqeqeq: 'error',
      'no-console': 'error',
      'no-implicit-coercion': ['error', { boolean: true, number: true, string: true, allow: ['!!'] }],
      'no-restricted-syntax': [
        'error',
        { selector: 'TSEnumDeclaration', message: 'Write a union, or a table with `as const`.' },
        {
          selector:
            'BinaryExpression[operator="instanceof"][right.name=/^(Error|Uint8Array|ArrayBuffer|.*Array)$/]',
          message: 'instanceof does not cross Jest realms: ask ArrayBuffer.isView, or a symbol of ours.',
        },
      ],
      'object-shorthand': 'error',
      'prefer-template': 'error',
      '@typescript-eslint/consistent-type-imports': ['error', { fixStyle: 'inline-type-imports' }],
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
      '@typescript-eslint/prefer-readonly': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': [
        'error',
        { considerDefaultExhaustiveForUnions: true },
      ],
      // A mapped type with a modifier is no record.
      '@typescript-eslint/consistent-indexed-object-style': 'off',
      // What a spec awaits is async by its contract, whether or not it has to wait yet.
      '@typescript-eslint/require-await': 'off',
      // Interfaces declare functions as methods; those that are handed on do not use `this`.
      '@typescript-eslint/unbound-method': 'off',
      // An observer that wants nothing of an event has an empty method; that is what it says.
      '@typescript-eslint/no-empty-function': 'off',
      // A loop over typed arrays reads clearer with an index, and hot code must not pay an iterator.
      '@typescript-eslint/prefer-for-of': 'off',
    },
  },
  {
    files: ['**/*.js'],
    languageOptions: {
      sourceType: 'commonjs',
      globals: { require: 'readonly', module: 'writable', __dirname: 'readonly' },
    },
  },
  {
    // Programs talk to a terminal.
    files: [
      '.ci/**/*.ts',
      'docs/**/*.ts',
      'bench/**/*.ts',
      'fixtures/*.ts',
      'harness/cli/**/*.ts',
      'harness/conformance/**/*.ts',
      'specs/hypervisor/engine/fuzz/main.ts',
    ],
    rules: { 'no-console': 'off' },
  },
  {
    // Jest's asymmetric matchers (`expect.any`) are typed any.
    files: ['specs/**/*.ts'],
    rules: {
      '@typescript-eslint/no-unsafe-assignment': 'off',
      '@typescript-eslint/no-unsafe-member-access': 'off',
      '@typescript-eslint/no-unsafe-argument': 'off',
    },
  },
);
