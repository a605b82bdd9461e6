package dev.berth.benchmarks;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** Processor time as Linux counts it, in microseconds; in steps of 10 milliseconds, which is what the kernel has. */
final class ProcessTimes {
    private static final long TICK = 10_000;
    private static final Path PROC = Path.of("/proc");

    private ProcessTimes() {}

    /** The figures of one process: see proc(5), counted from the state on, which is field 3. */
    private record Times(long parent, long own, long ofEndedChildren) {
        static final Times NONE = new Times(-1, 0, 0);

        static Times of(String pid) {
            try {
                String stat = Files.readString(PROC.resolve(pid).resolve("stat"));
                // The name before may hold anything, parentheses too.
                List<String> fields =
                        List.of(stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1));
                return new Times(
                        number(fields, 1),
                        number(fields, 11) + number(fields, 12),
                        number(fields, 13) + number(fields, 14));
            } catch (IOException ended) {
                return NONE;
            }
        }

        private static long number(List<String> fields, int index) {
            return Long.parseLong(fields.get(index));
        }
    }

    static long one(long pid) {
        return TICK * Times.of(Long.toString(pid)).own();
    }

    static long self() {
        return one(ProcessHandle.current().pid());
    }

    /** A process and its children, also those that have ended. */
    static long family(long pid) {
        Times parent = Times.of(Long.toString(pid));
        long ticks = parent.own() + parent.ofEndedChildren();
        try (Stream<Path> processes = Files.list(PROC)) {
            ticks += processes
                    .map(process -> process.getFileName().toString())
                    .filter(name -> Character.isDigit(name.charAt(0)))
                    .map(Times::of)
                    .filter(times -> times.parent() == pid)
                    .mapToLong(Times::own)
                    .sum();
        } catch (IOException e) {
            throw new IllegalStateException("processor times need Linux", e);
        }
        return TICK * ticks;
    }

    /** What all processors have been busy with since the machine started, the host's theft included. */
    static long machine() {
        try (Stream<String> lines = Files.lines(PROC.resolve("stat"))) {
            List<String> fields = List.of(lines.findFirst().orElseThrow().split(" +", -1));
            long busy = 0;
            // user, nice, system, idle, iowait, irq, softirq, steal
            for (int i = 1; i <= 8; i++) {
                busy += i == 4 || i == 5 ? 0 : Long.parseLong(fields.get(i));
            }
            return TICK * busy;
        } catch (IOException e) {
            throw new IllegalStateException("processor times need Linux", e);
        }
    }
}
