package dev.berth.torture.check;

import java.util.List;
import java.util.Map;

/**
 * Everything that a checker knows.
 *
 * @param operations all calls
 * @param ran when instances ran
 * @param deaths when processes were killed, by the machine's monotonic clock, in nanoseconds
 * @param end what was there in the end
 */
public record History(List<Operation> operations, List<Ran> ran, Map<String, Long> deaths, EndState end) {}
