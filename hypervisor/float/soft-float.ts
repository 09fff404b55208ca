import { FLOAT_OPERATION_NAMES, type FloatFormat, type FloatOperation } from '../isa/float-operations';
import { add, divide, multiply, multiplyAdd, squareRoot, subtract } from './arithmetic';
import { choose, classify, relate } from './comparison';
import { convert, fromInteger, toInteger, type IntegerFormat } from './conversion';
import type { FloatEnvironment } from './environment';
import { DOUBLE, SINGLE, type Format } from './format';

type Compute = (environment: FloatEnvironment, format: Format, a: bigint, b: bigint, c: bigint) => bigint;

const FORMATS: Readonly<Record<FloatFormat, Format>> = { s: SINGLE, d: DOUBLE };

const INT32: IntegerFormat = { bits: 32, signed: true };
const UINT32: IntegerFormat = { bits: 32, signed: false };
const INT64: IntegerFormat = { bits: 64, signed: true };
const UINT64: IntegerFormat = { bits: 64, signed: false };

const to =
  (integer: IntegerFormat): Compute =>
  (environment, format, a) =>
    toInteger(integer, format, a, environment);
const from =
  (integer: IntegerFormat): Compute =>
  (environment, format, a) =>
    fromInteger(integer, format, a, environment);

/** By the operation's name without its format. */
const COMPUTE: Readonly<Record<string, Compute>> = {
  add: (environment, format, a, b) => add(format, a, b, environment),
  sub: (environment, format, a, b) => subtract(format, a, b, environment),
  mul: (environment, format, a, b) => multiply(format, a, b, environment),
  div: (environment, format, a, b) => divide(format, a, b, environment),
  sqrt: (environment, format, a) => squareRoot(format, a, environment),
  fma: (environment, format, a, b, c) => multiplyAdd(format, a, b, c, environment),
  min: (environment, format, a, b) => choose('min', format, a, b, environment),
  max: (environment, format, a, b) => choose('max', format, a, b, environment),
  eq: (environment, format, a, b) => relate('eq', format, a, b, environment),
  lt: (environment, format, a, b) => relate('lt', format, a, b, environment),
  le: (environment, format, a, b) => relate('le', format, a, b, environment),
  classify: (_, format, a) => classify(format, a),
  toInt32: to(INT32),
  toUint32: to(UINT32),
  toInt64: to(INT64),
  toUint64: to(UINT64),
  fromInt32: from(INT32),
  fromUint32: from(UINT32),
  fromInt64: from(INT64),
  fromUint64: from(UINT64),
  toDouble: (environment, format, a) => convert(format, DOUBLE, a, environment),
  toSingle: (environment, format, a) => convert(format, SINGLE, a, environment),
};

/** The same by the whole name, so that nothing is taken apart where it is computed. */
const BY_OPERATION = Object.fromEntries(
  FLOAT_OPERATION_NAMES.map((operation) => {
    const [name, format] = operation.split('.') as [string, FloatFormat];
    return [operation, { compute: COMPUTE[name]!, format: FORMATS[format] }];
  }),
) as Readonly<Record<FloatOperation, { readonly compute: Compute; readonly format: Format }>>;

/**
 * Computes an operation.
 * @param operands bit patterns, unsigned; those that the operation does not take are ignored
 * @returns the result's bit pattern, unsigned; what it raises is in the environment
 */
export function softFloat(
  operation: FloatOperation,
  environment: FloatEnvironment,
  a: bigint,
  b = 0n,
  c = 0n,
): bigint {
  const { compute, format } = BY_OPERATION[operation];
  return compute(environment, format, a, b, c);
}
