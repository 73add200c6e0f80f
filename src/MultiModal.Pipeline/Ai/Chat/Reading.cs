using System.Diagnostics.CodeAnalysis;

namespace MultiModal.Pipeline.Ai.Chat;

/// <summary>The value of a model's answer, or a description of its error that lets the model correct it.</summary>
internal readonly record struct Reading<T> where T : notnull
{
    private Reading(T? value, string? problem) => (Value, Problem) = (value, problem);

    public T? Value { get; }

    public string? Problem { get; }

    [MemberNotNullWhen(true, nameof(Value))]
    [MemberNotNullWhen(false, nameof(Problem))]
    public bool Usable => Problem is null && Value is not null;

    public static implicit operator Reading<T>(T value) => new(value, null);

    public static Reading<T> Wrong(string problem) => new(default, problem);
}
