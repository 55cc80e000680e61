/** Durations from numbers, and numbers and texts from durations. */
import { duration } from "../calendar.ts";
import { divide, integer, magnitude, one } from "../exact.ts";
import { type Family, strict } from "../family.ts";
import { Duration } from "../values.ts";

const units = { days: 86_400_000_000n, hours: 3_600_000_000n, minutes: 60_000_000n, seconds: 1_000_000n };

function of(unit: bigint) {
  return strict((_, count: bigint) => duration(count * unit));
}

function within(unit: bigint) {
  return strict((_, length: Duration) => divide(integer(length.microseconds), integer(unit)));
}

function shown(value: Duration | bigint, withDays: boolean): string {
  const seconds = value instanceof Duration ? magnitude(value.microseconds) / 1_000_000n : magnitude(value) / one;
  const hours = seconds / 3600n;
  const two = (number: bigint): string => String(number).padStart(2, "0");
  const clock = `${two((seconds / 60n) % 60n)}:${two(seconds % 60n)}`;
  return withDays ? `${hours / 24n}:${two(hours % 24n)}:${clock}` : `${two(hours)}:${clock}`;
}

export const durations: Family = {
  days: of(units.days),
  hours: of(units.hours),
  minutes: of(units.minutes),
  seconds: of(units.seconds),
  in_days: within(units.days),
  in_hours: within(units.hours),
  in_minutes: within(units.minutes),
  in_seconds: within(units.seconds),
  format_duration: strict((_, value: Duration | bigint, withDays = false) => shown(value, withDays)),
};
