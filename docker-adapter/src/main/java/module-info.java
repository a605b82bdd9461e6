/** Berth's adapter for Docker Engine and Podman. */
// docker-java's jars are automatic modules, but each says its name in its manifest, so these names are stable.
@SuppressWarnings({"requires-automatic", "requires-transitive-automatic"})
module dev.berth.docker {
    requires transitive dev.berth.core;
    requires transitive com.github.dockerjava.api;
    requires com.github.dockerjava.core;
    requires com.github.dockerjava.transport;
    requires com.github.dockerjava.transport.httpclient5;
    requires static org.immutables.value.annotations;
    requires org.slf4j;
    requires static org.jspecify;

    exports dev.berth.docker;
}
