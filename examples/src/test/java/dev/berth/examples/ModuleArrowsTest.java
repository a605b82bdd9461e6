package dev.berth.examples;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.importer.ImportOption.DoNotIncludeTests;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchCondition;
import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.lang.ConditionEvents;
import com.tngtech.archunit.lang.SimpleConditionEvent;
import java.util.Set;

/** The arrows between the modules: stores, adapters and the testkit know the core, and never one another. */
@AnalyzeClasses(packages = "dev.berth", importOptions = DoNotIncludeTests.class)
class ModuleArrowsTest {

    private static final Set<String> CORE = Set.of("", "ledger", "name", "port", "runtime", "reaper", "sync");
    private static final Set<String> LEAVES = Set.of("testkit", "jdbc", "docker", "proxmox");

    @ArchTest
    static final ArchRule modulesFollowTheArrows = classes()
            .that()
            .resideOutsideOfPackage("dev.berth.examples..")
            .should(knowOnlyTheCore())
            .because("an application takes the core and one store or adapter, and gets nothing else");

    private static ArchCondition<JavaClass> knowOnlyTheCore() {
        return new ArchCondition<>("know only their own module and the core") {
            @Override
            public void check(JavaClass from, ConditionEvents events) {
                String room = room(from);
                if (!CORE.contains(room) && !LEAVES.contains(room)) {
                    events.add(SimpleConditionEvent.violated(from, from.getName() + " is in no module known here"));
                }
                from.getDirectDependenciesFromSelf().stream()
                        .filter(d -> d.getTargetClass().getPackageName().startsWith("dev.berth"))
                        .filter(d -> !room(d.getTargetClass()).equals(room))
                        .filter(d -> !CORE.contains(room(d.getTargetClass())))
                        .forEach(d -> events.add(SimpleConditionEvent.violated(from, d.getDescription())));
            }
        };
    }

    /** The first package below dev.berth, which names the module; empty for dev.berth itself. */
    private static String room(JavaClass type) {
        String[] parts = type.getPackageName().split("\\.", -1);
        return parts.length < 3 ? "" : parts[2];
    }
}
