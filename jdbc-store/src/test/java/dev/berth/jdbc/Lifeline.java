package dev.berth.jdbc;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.SQLNonTransientConnectionException;
import java.sql.Statement;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.LinkedHashSet;
import java.util.Set;
import javax.sql.DataSource;
import org.springframework.jdbc.datasource.AbstractDataSource;

/**
 * The life of a process, as its databases see it: it ends at a statement, and all its connections end with it. Or somebody
 * else does something just before a statement. For one thread.
 */
final class Lifeline {
    private final Set<Connection> open = new LinkedHashSet<>();
    private int statements;
    private int transactions;
    private boolean dead;
    private boolean busy;
    private int due = -1;
    private Moment moment = Moment.BEFORE;
    private Runnable deed = () -> {};

    /** When something happens. */
    enum Moment {
        /** The statement was not sent. */
        BEFORE,
        /** The statement was done, and its answer was not heard. */
        AFTER,
        /** Before the first statement from there on that is within no transaction: another process is not held up. */
        BETWEEN
    }

    /** The process is dead. No exception, so that nobody takes it for a fault of a database. */
    static final class Death extends Error {
        private static final long serialVersionUID = 1L;
    }

    /** The connection is lost, and the process lives on. */
    private static final class Cut extends RuntimeException {
        private static final long serialVersionUID = 1L;
    }

    /** A connection is cut at a statement, from 1. */
    void isCutAt(int statement, Moment when) {
        happensAt(statement, when, () -> {
            throw new Cut();
        });
    }

    /** It dies at a statement, from 1. */
    void endsAt(int statement, Moment when) {
        happensAt(statement, when, () -> {
            end();
            throw new Death();
        });
    }

    /** Something is done at a statement, from 1. */
    void happensAt(int statement, Moment when, Runnable what) {
        due = statements + statement;
        moment = when;
        deed = what;
    }

    /** Whether what was to happen is still to come. */
    boolean isArmed() {
        return due >= 0;
    }

    void disarm() {
        due = -1;
    }

    boolean isDead() {
        return dead;
    }

    boolean isInTransaction() {
        return transactions > 0;
    }

    /** A server ends the transactions of a process that is gone. */
    void end() {
        dead = true;
        open.forEach(Lifeline::end);
        open.clear();
    }

    private static void end(Connection connection) {
        try (connection;
                Statement statement = connection.createStatement()) {
            statement.execute("ROLLBACK");
        } catch (SQLException noTransaction) {
            // There was nothing to end.
        }
    }

    /** A database as this process reaches it. */
    DataSource source(Database database) {
        return new Source(database);
    }

    private final class Source extends AbstractDataSource {
        private final Database database;
        private final Deque<Connection> idle = new ArrayDeque<>();

        Source(Database database) {
            this.database = database;
        }

        @Override
        public Connection getConnection() throws SQLException {
            if (dead) {
                throw new Death();
            }
            Connection real = idle.isEmpty() ? connect() : idle.pop();
            return (Connection) wrapped(real, this);
        }

        @Override
        public Connection getConnection(String user, String password) {
            throw new UnsupportedOperationException();
        }

        private Connection connect() throws SQLException {
            Connection real = Lifeline.connect(database, 300);
            open.add(real);
            return real;
        }
    }

    /** A connection that does not wait long for locks. */
    static Connection connect(Database database, int patienceMillis) throws SQLException {
        String url = database.url();
        if (url.startsWith("jdbc:sqlite:")) {
            return DriverManager.getConnection(
                    url + "?busy_timeout=" + patienceMillis + "&foreign_keys=on&journal_mode=WAL&synchronous=OFF");
        }
        Connection connection = Engine.connect(database);
        try (Statement statement = connection.createStatement()) {
            if (database.isPostgres()) {
                statement.execute("SET lock_timeout = " + patienceMillis);
                statement.execute("SET synchronous_commit = off");
            } else {
                int seconds = patienceMillis / 1_000;
                statement.execute("SET innodb_lock_wait_timeout = " + seconds + ", lock_wait_timeout = " + seconds);
            }
        }
        return connection;
    }

    private Object wrapped(Object real, Source source) {
        Class<?> type = real instanceof Connection
                ? Connection.class
                : real instanceof PreparedStatement ? PreparedStatement.class : Statement.class;
        return Proxy.newProxyInstance(
                Lifeline.class.getClassLoader(),
                new Class<?>[] {type},
                (proxy, method, arguments) -> call(real, source, method, arguments));
    }

    private Object call(Object real, Source source, Method method, Object... arguments) throws Throwable {
        boolean isClose = method.getName().equals("close");
        if (dead) {
            if (isClose) {
                return null;
            }
            throw new Death();
        }
        if (isClose && real instanceof Connection connection) {
            if (!connection.isClosed()) {
                source.idle.push(connection);
            }
            return null;
        }
        boolean counts = !busy && method.getName().startsWith("execute");
        Object result;
        try {
            if (counts) {
                count(Moment.BEFORE);
            }
            result = method.invoke(real, arguments);
            if (counts) {
                follow(arguments);
                meet(Moment.AFTER);
            }
        } catch (InvocationTargetException failed) {
            throw failed.getCause();
        } catch (Cut cut) {
            throw lost(((Statement) real).getConnection(), source);
        }
        return result instanceof Connection || result instanceof Statement ? wrapped(result, source) : result;
    }

    /** As the drivers tell of it; SQLite by an error of its file. */
    private SQLException lost(Connection connection, Source source) {
        open.remove(connection);
        end(connection);
        transactions = Math.max(0, transactions - 1);
        String url = source.database.url();
        int code = url.startsWith("jdbc:sqlite:") ? 10 : url.startsWith("jdbc:postgresql:") ? 0 : 2_013;
        return new SQLNonTransientConnectionException("it was cut", "08006", code);
    }

    private void count(Moment when) {
        statements++;
        meet(when);
        if (moment == Moment.BETWEEN && due >= 0 && statements >= due && transactions == 0) {
            happen();
        }
    }

    private void meet(Moment when) {
        if (moment == when && statements == due) {
            happen();
        }
    }

    private void happen() {
        due = -1;
        busy = true;
        try {
            deed.run();
        } finally {
            busy = false;
        }
    }

    private void follow(Object... arguments) {
        if (arguments != null && arguments.length > 0 && arguments[0] instanceof String sql) {
            if (sql.startsWith("BEGIN") || sql.startsWith("START")) {
                transactions++;
            } else if (sql.equals("COMMIT") || sql.equals("ROLLBACK")) {
                transactions--;
            }
        }
    }
}
