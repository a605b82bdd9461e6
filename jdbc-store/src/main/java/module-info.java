/** Berth's ledger in a relational database, and databases for its sync. */
module dev.berth.jdbc {
    requires transitive dev.berth.core;
    requires transitive java.sql;
    requires com.zaxxer.hikari;
    requires org.jooq;
    requires org.slf4j;
    requires static org.jspecify;

    exports dev.berth.jdbc;
}
