namespace Gemini.Trainer.Models;

/// <summary>Initial value of a parameter, as in GPT-2 (Radford et al., 2019, section 2.3).</summary>
internal enum ParameterStart
{
    Zeros,
    Ones,

    /// <summary>Normal with standard deviation 0.02.</summary>
    Normal,

    /// <summary>Normal with standard deviation 0.02 / sqrt(2 · layers): the two projections of a block that add to the residual.</summary>
    ResidualNormal,
}
