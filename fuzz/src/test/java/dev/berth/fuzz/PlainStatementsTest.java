package dev.berth.fuzz;

import static com.tngtech.archunit.base.DescribedPredicate.describe;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.lang.ArchRule;
import java.sql.Statement;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Statements without bind values are made in few places, all of which have names or nothing to put into them. */
class PlainStatementsTest {
    /** Each with what its plain statements are made of. */
    private static final String PLACES = "dev\\.berth\\.jdbc\\.("
            // Constant texts.
            + "Product|Connections|Session|MariadbCatalog"
            // The host's own query, as its Javadoc says.
            + "|PortTable"
            // Names of the host's tables and columns, quoted by the dialect.
            + "|SumSql|Stage|JdbcSyncSession|CaptureTriggers"
            + ")(\\$.*)?";

    private static final Set<String> EXECUTING =
            Set.of("execute", "executeQuery", "executeUpdate", "executeLargeUpdate", "addBatch");

    private static final ArchRule RULE = noClasses()
            .that()
            .haveNameNotMatching(PLACES)
            .should()
            .callMethodWhere(describe(
                    "a statement is executed as it is written",
                    call -> call.getTargetOwner().isAssignableTo(Statement.class)
                            && call.getTarget().getRawParameterTypes().stream()
                                    .anyMatch(type -> type.isEquivalentTo(String.class))
                            && EXECUTING.contains(call.getName())));

    @SuppressWarnings("UnusedMethod")
    private static final class Elsewhere {
        static boolean careless(Statement statement, String name) throws java.sql.SQLException {
            return statement.execute("DROP TABLE " + name);
        }
    }

    @Test
    void plainStatementsAreMadeInFewPlaces() {
        RULE.check(new ClassFileImporter()
                .importPackages("dev.berth.jdbc", "dev.berth.sync", "dev.berth.ledger")
                .that(describe(
                        "library",
                        type -> type.getSource()
                                .map(source -> !source.getUri().toString().contains("test"))
                                .orElse(true))));
    }

    @Test
    void anotherPlaceIsNoticed() {
        JavaClasses elsewhere = new ClassFileImporter().importClasses(Elsewhere.class);
        assertThatThrownBy(() -> RULE.check(elsewhere)).hasMessageContaining("careless");
    }
}
