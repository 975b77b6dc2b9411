namespace Gemini.Interfaces.Presets;

/// <summary>The kind of a transformer: its layers, and what it is trained to predict.</summary>
public enum Architecture
{
    /// <summary>Predicts each next token (Radford et al., "Language Models are Unsupervised Multitask Learners", 2019).</summary>
    Gpt2,

    /// <summary>
    /// Predicts masked tokens, and whether one piece of text follows another (Devlin et al., "BERT: Pre-training of Deep Bidirectional Transformers for
    /// Language Understanding", 2019).
    /// </summary>
    Bert,

    /// <summary>Predicts masked tokens, other ones in each pass (Liu et al., "RoBERTa: A Robustly Optimized BERT Pretraining Approach", 2019).</summary>
    Roberta,
}
