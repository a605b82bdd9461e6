package dev.berth.torture.check;

/**
 * That an instance ran.
 *
 * @param instance its full id
 * @param owner whose it was
 * @param from when it was first seen to run, by the machine's monotonic clock, in nanoseconds
 * @param to when it was first seen not to run any more; {@link Operation#NEVER} if it still does
 */
public record Ran(String instance, String owner, long from, long to) {
    @Override
    public String toString() {
        return "engine\t" + instance + "\t" + owner + "\t" + from + "\t" + (to == Operation.NEVER ? "-" : to);
    }
}
