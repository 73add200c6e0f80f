using System.Diagnostics.CodeAnalysis;

namespace MultiModal.Pipeline;

/// <summary>A value, or the failure in its place. It is created by conversion from either.</summary>
[SuppressMessage("Usage", "CA2225", Justification = "The conversions are the constructors; a named alternative would only say the same twice.")]
public readonly record struct Outcome<T> where T : notnull
{
    private readonly T? value;

    private Outcome(T? value, Failure? failure) => (this.value, Failure) = (value, failure);

    /// <summary>The failure; null if there is a value.</summary>
    public Failure? Failure { get; }

    [MemberNotNullWhen(false, nameof(Failure))]
    public bool Succeeded => Failure is null;

    /// <exception cref="InvalidOperationException">The outcome is a failure.</exception>
    public T Value => Failure is null && value is not null
        ? value
        : throw new InvalidOperationException($"There is no value: {Failure?.Code ?? "never assigned"}.");

    public static implicit operator Outcome<T>(T value) => new(value, null);

    public static implicit operator Outcome<T>(Failure failure) => new(default, failure);
}
