package dev.berth.benchmarks;

import java.lang.reflect.InvocationHandler;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.sql.CallableStatement;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.Statement;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import javax.sql.DataSource;

/** Counts what is sent to a database: statements, batches (each one), commits and rollbacks. */
final class RoundTrips {
    private static final List<Class<?>> KINDS = List.of(
            DataSource.class, Connection.class, CallableStatement.class, PreparedStatement.class, Statement.class);

    private final AtomicLong statements = new AtomicLong();
    private final AtomicLong batches = new AtomicLong();
    private final AtomicLong ends = new AtomicLong();
    private final AtomicLong batched = new AtomicLong();

    DataSource counting(DataSource source) {
        return (DataSource) wrapped(source, DataSource.class);
    }

    Connection counting(Connection connection) {
        return (Connection) wrapped(connection, Connection.class);
    }

    /** Results are wrapped too, as what their method says they are: connections of a pool, statements of a connection. */
    private Object wrapped(Object counted, Class<?> kind) {
        InvocationHandler counting = (self, method, arguments) -> {
            count(method.getName());
            try {
                Object result = method.invoke(counted, arguments);
                Class<?> type = method.getReturnType();
                return result != null && KINDS.contains(type) ? wrapped(result, type) : result;
            } catch (InvocationTargetException e) {
                throw e.getCause();
            }
        };
        return Proxy.newProxyInstance(kind.getClassLoader(), new Class<?>[] {kind}, counting);
    }

    private void count(String method) {
        if (method.equals("executeBatch") || method.equals("executeLargeBatch")) {
            batches.incrementAndGet();
        } else if (method.equals("addBatch")) {
            batched.incrementAndGet();
        } else if (method.startsWith("execute")) {
            statements.incrementAndGet();
        } else if (method.equals("commit") || method.equals("rollback")) {
            ends.incrementAndGet();
        }
    }

    /** The statements, each one of a batch counted. */
    long statements() {
        return statements.get() + batched.get();
    }

    long sum() {
        return statements.get() + batches.get() + ends.get();
    }

    void reset() {
        statements.set(0);
        batches.set(0);
        ends.set(0);
        batched.set(0);
    }

    @Override
    public String toString() {
        return sum() + " (" + statements + " statements, " + batches + " batches, " + ends + " ends)";
    }
}
