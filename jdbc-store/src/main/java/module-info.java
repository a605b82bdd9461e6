/** Berth's ledger in a relational database. */
module dev.berth.jdbc {
    requires transitive dev.berth.core;
    requires transitive java.sql;
    requires com.zaxxer.hikari;
    requires org.jooq;
    requires org.slf4j;
    // Static: annotations are not needed at run time. The second are those of jOOQ's settings, which javac reads.
    requires static org.jspecify;
    requires static jakarta.xml.bind;

    exports dev.berth.jdbc;
}
