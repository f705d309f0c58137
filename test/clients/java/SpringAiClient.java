import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.springframework.ai.document.Document;
import org.springframework.ai.embedding.Embedding;
import org.springframework.ai.embedding.EmbeddingModel;
import org.springframework.ai.embedding.EmbeddingRequest;
import org.springframework.ai.embedding.EmbeddingResponse;
import org.springframework.ai.vectorstore.SearchRequest;
import org.springframework.ai.vectorstore.pgvector.PgVectorStore;
import org.springframework.jdbc.core.JdbcTemplate;

/** Spring AI's store; it makes extensions, table and index when it starts. */
class SpringAiClient implements Client {
    /** The vectors of the scenario in place of a model's. */
    static class Model implements EmbeddingModel {
        @Override
        public EmbeddingResponse call(EmbeddingRequest request) {
            List<Embedding> embeddings = new ArrayList<>();
            for (String text : request.getInstructions()) {
                embeddings.add(new Embedding(Scenario.embed(text), embeddings.size()));
            }
            return new EmbeddingResponse(embeddings);
        }

        @Override
        public float[] embed(Document document) {
            return Scenario.embed(document.getText());
        }

        @Override
        public int dimensions() {
            return Scenario.DIMS;
        }
    }

    private PgVectorStore store;

    @Override
    public void open() {
        PgVectorStore.PgVectorStoreBuilder builder =
                PgVectorStore.builder(new JdbcTemplate(Database.source()), new Model()).initializeSchema(true);
        if (Scenario.INDEX.isEmpty()) {
            builder.indexType(PgVectorStore.PgIndexType.NONE);
        }
        store = builder.build();
        store.afterPropertiesSet();
    }

    @Override
    public void insert(List<Item> items) {
        store.add(items.stream()
                .map(item -> new Document(
                        Client.identity(item.key()), Scenario.text(item.number()), Map.of("tag", item.tag())))
                .toList());
    }

    @Override
    public List<Integer> search(int number, int limit, String tag) {
        SearchRequest.Builder request = SearchRequest.builder().query(Scenario.text(number)).topK(limit);
        if (tag != null) {
            request.filterExpression("tag == '" + tag + "'");
        }
        return store.similaritySearch(request.build()).stream()
                .map(document -> Client.key(document.getId()))
                .toList();
    }

    @Override
    public void delete(int key) {
        store.delete(List.of(Client.identity(key)));
    }
}
