package dev.berth.benchmarks;

import java.io.BufferedOutputStream;
import java.io.BufferedReader;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;

/**
 * One of several processes whose callers use the same database. It takes its part of the slots, and then does what it is told:
 * a line with a number is a slice of so many milliseconds, an empty one the end. Its answers are binary.
 */
public final class ClaimProcess {
    private ClaimProcess() {}

    /**
     * Works until it is told to end.
     *
     * @param args the cell, the contender, the database, and which of the processes this is, from 0 on
     * @throws IOException if nobody listens any more
     * @throws SQLException if the contender cannot be opened
     * @throws InterruptedException if interrupted
     * @throws ExecutionException if a caller fails with an error
     */
    public static void main(String[] args) throws IOException, SQLException, InterruptedException, ExecutionException {
        DatabaseReport.QUIET.forEach(System::setProperty);
        Cell cell = Cell.named(args[0]);
        int process = Integer.parseInt(args[3]);
        Contender<?> contender =
                Contenders.open(args[1], cell, args[2], process).orElseThrow();
        var out = new DataOutputStream(new BufferedOutputStream(System.out));
        try (Churn<?> churn = churn(contender, cell, process);
                var in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8))) {
            // Of the server and the rest of the machine the process that started this one tells.
            var nothing = new MemoryPlace();
            var gate = new QuietGate(nothing, Duration.ZERO);
            out.writeBoolean(true);
            out.flush();
            for (String line = in.readLine(); line != null && !line.isEmpty(); line = in.readLine()) {
                churn.slice(Duration.ofMillis(Long.parseLong(line)), gate, nothing)
                        .write(out);
                out.flush();
            }
            tell(churn, out);
        }
    }

    private static <H> Churn<H> churn(Contender<H> contender, Cell cell, int process) throws SQLException {
        int filled = cell.filled() / cell.processes();
        return new Churn<>(new Taking<>(contender, process), filled, cell.callers() / cell.processes());
    }

    /** What went wrong, and which slots are held. */
    private static void tell(Churn<?> churn, DataOutputStream out) throws IOException {
        Map<String, Long> errors = churn.errors();
        out.writeInt(errors.size());
        for (Map.Entry<String, Long> error : errors.entrySet()) {
            out.writeUTF(error.getKey());
            out.writeLong(error.getValue());
        }
        List<Integer> slots = churn.slots();
        out.writeInt(slots.size());
        for (int slot : slots) {
            out.writeInt(slot);
        }
        out.flush();
    }

    /**
     * A contender that is filled by taking, beside those of other processes.
     *
     * @param <H> what a caller keeps
     * @param contender who takes
     * @param process which of the processes this is
     */
    private record Taking<H>(Contender<H> contender, int process) implements Contender<H> {
        private String owner(String name) {
            return "process-" + process + "-" + name;
        }

        @Override
        public String name() {
            return contender.name();
        }

        @Override
        public List<H> fill(int count) throws SQLException {
            List<H> taken = new ArrayList<>();
            for (int i = 0; i < count; i++) {
                taken.add(take(0, "running-" + i));
            }
            return taken;
        }

        @Override
        public H take(int caller, String owner) throws SQLException {
            return contender.take(caller, owner(owner));
        }

        @Override
        public void giveBack(int caller, H held) throws SQLException {
            contender.giveBack(caller, held);
        }

        @Override
        public int slot(H held) {
            return contender.slot(held);
        }

        @Override
        public long retries() {
            return contender.retries();
        }

        @Override
        public List<String> check(Collection<H> held) throws SQLException {
            return contender.check(held);
        }

        @Override
        public double stretch(Collection<H> held) {
            return contender.stretch(held);
        }

        @Override
        public void close() {
            contender.close();
        }
    }
}
