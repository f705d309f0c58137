import static dev.langchain4j.store.embedding.filter.MetadataFilterBuilder.metadataKey;

import dev.langchain4j.data.document.Metadata;
import dev.langchain4j.data.embedding.Embedding;
import dev.langchain4j.data.segment.TextSegment;
import dev.langchain4j.store.embedding.EmbeddingSearchRequest;
import dev.langchain4j.store.embedding.pgvector.PgVectorEmbeddingStore;
import java.util.List;

/** langchain4j's store; it makes extension, table and index when it is built. */
class Langchain4jClient implements Client {
    private PgVectorEmbeddingStore store;

    @Override
    public void open() {
        store = PgVectorEmbeddingStore.builder()
                .host(Database.HOST)
                .port(Database.PORT)
                .database(Database.NAME)
                .user(Database.USER)
                .password(Database.PASSWORD)
                .table("items")
                .dimension(Scenario.DIMS)
                .useIndex(true)
                .indexListSize(10)
                .build();
    }

    @Override
    public void create() {
        store.removeAll();
    }

    @Override
    public void insert(List<Item> items) {
        store.addAll(
                items.stream().map(item -> Client.identity(item.key())).toList(),
                items.stream().map(item -> Embedding.from(Scenario.vector(item.number()))).toList(),
                items.stream().map(item -> TextSegment.from(
                        Scenario.text(item.number()), Metadata.from("tag", item.tag()))).toList());
    }

    @Override
    public List<Integer> search(int number, int limit, String tag) {
        EmbeddingSearchRequest request = EmbeddingSearchRequest.builder()
                .queryEmbedding(Embedding.from(Scenario.vector(number)))
                .maxResults(limit)
                .filter(tag == null ? null : metadataKey("tag").isEqualTo(tag))
                .build();
        return store.search(request).matches().stream()
                .map(match -> Client.key(match.embeddingId()))
                .toList();
    }

    @Override
    public void delete(int key) {
        store.removeAll(List.of(Client.identity(key)));
    }
}
