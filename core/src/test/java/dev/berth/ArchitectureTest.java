package dev.berth;

import static com.tngtech.archunit.base.DescribedPredicate.describe;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.fields;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.methods;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaAccess;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaField;
import com.tngtech.archunit.core.domain.JavaMethod;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.importer.ImportOption.DoNotIncludeTests;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchCondition;
import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.lang.ConditionEvents;
import com.tngtech.archunit.lang.SimpleConditionEvent;
import java.util.AbstractCollection;
import java.util.AbstractMap;
import java.util.BitSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Lock;
import java.util.function.BiConsumer;

/** The shape of the core: which package knows which, and what no class of it may do. */
@AnalyzeClasses(packages = "dev.berth", importOptions = DoNotIncludeTests.class)
class ArchitectureTest {

    private static final String ROOT = "dev.berth";

    /** The arrows. A package knows itself and those named here; a package that is not named here must not exist. */
    private static final Map<String, Set<String>> ARROWS = Map.of(
            ROOT,
            Set.of(),
            ROOT + ".name",
            Set.of(ROOT),
            ROOT + ".ledger",
            Set.of(ROOT, ROOT + ".name"),
            ROOT + ".port",
            Set.of(ROOT, ROOT + ".name", ROOT + ".ledger"),
            ROOT + ".runtime",
            Set.of(ROOT, ROOT + ".ledger"),
            ROOT + ".reaper",
            Set.of(ROOT, ROOT + ".ledger", ROOT + ".runtime"),
            ROOT + ".sync",
            Set.of(ROOT));

    @ArchTest
    static final ArchRule packagesFollowTheArrows = classes()
            .should(followTheArrows())
            .because("ledger <- port and runtime <- reaper; name and sync stand alone");

    @ArchTest
    static final ArchRule coreNeedsNothingButSlf4jAndJspecify = classes()
            .should()
            .onlyDependOnClassesThat(
                    resideInAnyPackage("java..", "org.slf4j", "org.jspecify.annotations", "dev.berth.."))
            .because("whoever embeds the core embeds its dependencies");

    @ArchTest
    static final ArchRule publicNamesAreNouns = noClasses()
            .that()
            .arePublic()
            .should(haveSimpleNameMatching(".*(Impl|Util|Utils|Helper|Manager)|Abstract.*"))
            .because("a name says what a thing is, and these words say nothing");

    @ArchTest
    static final ArchRule packagesAreNamedByFeature = noClasses()
            .should()
            .resideInAnyPackage("..internal..", "..util..", "..utils..", "..impl..")
            .because("engines, rows and codecs are package-private beside the feature they serve");

    @ArchTest
    static final ArchRule noPublicMethodTakesABoolean = methods()
            .that()
            .arePublic()
            .and()
            .areDeclaredInClassesThat()
            .arePublic()
            .should(takeNoBoolean())
            .allowEmptyShould(true)
            .because("true says nothing at the call site: two methods, or an enum");

    @ArchTest
    static final ArchRule staticFieldsAreConstants = fields().that()
            .areStatic()
            .and(describe("are written by a person", f -> !f.getModifiers().contains(JavaModifier.SYNTHETIC)))
            .should(beConstant())
            .allowEmptyShould(true)
            .because("two ledgers in one process share nothing");

    @ArchTest
    static final ArchRule staticFieldsAreNotFilledWithState = classes()
            .should(makeNothingThatChangesWhenInitialized())
            .because("a field of type Map or List, or an array, can hide state that two ledgers would share");

    @ArchTest
    static final ArchRule noHooks = noClasses()
            .should()
            .accessTargetWhere(member(Runtime.class, "addShutdownHook"))
            .because("a hook runs a thread that no close ends");

    @ArchTest
    static final ArchRule noEnvironmentBehindTheCallersBack = noClasses()
            .should()
            .accessTargetWhere(member(System.class, "getenv|getProperty|getProperties|setProperty"))
            .orShould()
            .accessTargetWhere(member(Boolean.class, "getBoolean"))
            .orShould()
            .accessTargetWhere(member(Integer.class, "getInteger"))
            .orShould()
            .accessTargetWhere(member(Long.class, "getLong"))
            .because("configuration is code; what reads the environment is given the map");

    @ArchTest
    static final ArchRule noPrinting = noClasses()
            .should()
            .accessTargetWhere(member(System.class, "out|err"))
            .orShould()
            .accessTargetWhere(member(Throwable.class, "printStackTrace"))
            .because("a library logs through slf4j or tells a listener");

    @ArchTest
    static final ArchRule noSleeping = noClasses()
            .should()
            .accessTargetWhere(member(Thread.class, "sleep"))
            .orShould()
            .accessTargetWhere(member(TimeUnit.class, "sleep"))
            .because("a sleep cannot be ended by close, and a test cannot move it");

    private static DescribedPredicate<JavaAccess<?>> member(Class<?> type, String names) {
        return describe(type.getSimpleName() + "." + names, access -> {
            JavaClass owner = access.getTargetOwner();
            return access.getTarget().getName().matches(names) && owner.isAssignableTo(type);
        });
    }

    private static ArchCondition<JavaClass> haveSimpleNameMatching(String regex) {
        return condition("have a simple name matching " + regex, (JavaClass c, ConditionEvents events) -> {
            // An anonymous class has no simple name, and no reader either.
            events.add(new SimpleConditionEvent(
                    c, c.getSimpleName().matches(regex), c.getName() + " in " + c.getSourceCodeLocation()));
        });
    }

    private static ArchCondition<JavaClass> followTheArrows() {
        return condition("follow the arrows", (c, events) -> {
            String from = c.getPackageName();
            Set<String> allowed = ARROWS.get(from);
            if (allowed == null) {
                events.add(
                        SimpleConditionEvent.violated(c, from + " has no arrows yet: add it to ARROWS with a reason"));
                return;
            }
            c.getDirectDependenciesFromSelf().stream()
                    .filter(d -> resideInAPackage("dev.berth..").test(d.getTargetClass()))
                    .filter(d -> !d.getTargetClass().getPackageName().equals(from))
                    .filter(d -> !allowed.contains(d.getTargetClass().getPackageName()))
                    .forEach(d -> events.add(SimpleConditionEvent.violated(c, d.getDescription())));
        });
    }

    private static ArchCondition<JavaMethod> takeNoBoolean() {
        return condition("take no boolean", (m, events) -> {
            boolean written = !m.getModifiers().contains(JavaModifier.SYNTHETIC);
            boolean takes = m.getRawParameterTypes().stream()
                    .anyMatch(t -> t.getBaseComponentType().isEquivalentTo(boolean.class)
                            || t.getBaseComponentType().isEquivalentTo(Boolean.class));
            if (written && takes) {
                events.add(SimpleConditionEvent.violated(m, m.getDescription() + " in " + m.getSourceCodeLocation()));
            }
        });
    }

    /** Final, and of a type that holds nothing that changes; a List or Map is taken to be one of List.of, Map.of. */
    private static ArchCondition<JavaField> beConstant() {
        List<Class<?>> changing = List.of(
                ConcurrentMap.class,
                ThreadLocal.class,
                Thread.class,
                Random.class,
                Executor.class,
                Lock.class,
                AbstractCollection.class,
                AbstractMap.class);
        return condition("be constant", (f, events) -> {
            JavaClass type = f.getRawType();
            boolean holdsState = type.isArray()
                    || changing.stream().anyMatch(type::isAssignableTo)
                    || type.getPackageName().equals("java.util.concurrent.atomic");
            if (!f.getModifiers().contains(JavaModifier.FINAL) || holdsState) {
                events.add(SimpleConditionEvent.violated(f, f.getDescription() + " in " + f.getSourceCodeLocation()));
            }
        });
    }

    private static ArchCondition<JavaClass> makeNothingThatChangesWhenInitialized() {
        List<Class<?>> changing =
                List.of(AbstractCollection.class, AbstractMap.class, BitSet.class, StringBuilder.class);
        return condition(
                "make nothing that changes when it is initialized",
                (c, events) -> c.getStaticInitializer()
                        .ifPresent(initializer -> initializer.getConstructorCallsFromSelf().stream()
                                .filter(call -> changing.stream().anyMatch(call.getTargetOwner()::isAssignableTo))
                                .forEach(call -> events.add(SimpleConditionEvent.violated(c, call.getDescription())))));
    }

    private static <T> ArchCondition<T> condition(String text, BiConsumer<T, ConditionEvents> check) {
        return new ArchCondition<>(text) {
            @Override
            public void check(T item, ConditionEvents events) {
                check.accept(item, events);
            }
        };
    }
}
