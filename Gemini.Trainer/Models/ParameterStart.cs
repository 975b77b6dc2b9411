namespace Gemini.Trainer.Models;

/// <summary>Initial value of a parameter.</summary>
internal enum ParameterStart
{
    Zeros,
    Ones,

    /// <summary>Normal with standard deviation 0.02, as in the programs of the authors of GPT-2 and BERT.</summary>
    Normal,

    /// <summary>
    /// Normal with standard deviation 0.02 / sqrt(2 · layers): the two projections of a block that add to the residual. Only GPT-2 has it (Radford et al.,
    /// 2019, section 2.3).
    /// </summary>
    ResidualNormal,
}
