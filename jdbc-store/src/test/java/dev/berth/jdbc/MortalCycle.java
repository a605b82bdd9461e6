package dev.berth.jdbc;

import com.zaxxer.hikari.HikariDataSource;
import dev.berth.ledger.Claim;
import dev.berth.ledger.Owner;
import dev.berth.ledger.ResourceLedger;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.sql.Statement;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import javax.sql.DataSource;

/** A process that claims and releases, and before one of its statements says so and waits to be killed. */
final class MortalCycle {
    private final int deadly;
    private boolean counting;
    private int statements;

    private MortalCycle(int deadly) {
        this.deadly = deadly;
    }

    /**
     * Runs in the process that is to be killed.
     *
     * @param url the database
     * @param name the owner's
     * @param deadly before which statement it dies, from 1
     */
    static void run(String url, String name, int deadly) {
        var cycle = new MortalCycle(deadly);
        try (var pool = new HikariDataSource()) {
            pool.setJdbcUrl(url);
            pool.setMaximumPoolSize(2);
            pool.setMinimumIdle(1);
            try (JdbcLedgerStore store = JdbcLedgerStore.on((DataSource) cycle.wrapped(pool))) {
                store.createSchema();
                cycle.counting = true;
                var ledger = ResourceLedger.on(store);
                Claim claim = ledger.claim(ProcessesTest.request(Owner.of("mortal", name)));
                System.out.println("claimed");
                ledger.release(claim.token());
                System.out.println("released");
            }
        }
        System.out.println("through");
    }

    /** The same, but that everything which comes from it counts statements. */
    private Object wrapped(Object real) {
        Set<Class<?>> interfaces = new LinkedHashSet<>();
        for (Class<?> type = real.getClass(); type != null; type = type.getSuperclass()) {
            interfaces.addAll(Arrays.asList(type.getInterfaces()));
        }
        interfaces.removeIf(type -> !type.getName().startsWith("java"));
        return Proxy.newProxyInstance(
                MortalCycle.class.getClassLoader(), interfaces.toArray(Class<?>[]::new), (proxy, method, arguments) -> {
                    if (method.getName().startsWith("execute")
                            || method.getName().equals("commit")) {
                        statement();
                    }
                    try {
                        Object result = method.invoke(real, arguments);
                        return result instanceof Connection || result instanceof Statement ? wrapped(result) : result;
                    } catch (InvocationTargetException failed) {
                        throw failed.getCause();
                    }
                });
    }

    private void statement() throws InterruptedException {
        if (counting && ++statements == deadly) {
            System.out.println("dying");
            new CountDownLatch(1).await();
        }
    }
}
