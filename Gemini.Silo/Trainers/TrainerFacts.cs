namespace Gemini.Silo.Trainers;

/// <summary>Facts about one process of a trainer that stay true for the rest of its life.</summary>
[Flags]
internal enum TrainerFacts
{
    None = 0,

    /// <summary>It has connected.</summary>
    SaidHello = 1,

    /// <summary>It has finished a step.</summary>
    Stepped = 2,

    /// <summary>It has finished its last iteration; it exits by itself.</summary>
    Finished = 4,

    /// <summary>Its silo told it to exit, because another process has to take its place.</summary>
    Dismissed = 8,
}
